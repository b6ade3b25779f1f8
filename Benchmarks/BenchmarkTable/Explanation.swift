/// What the page says of its tables.
enum Explanation {
    static let scan = """
        ## A scan

        All ways of scanning a heap run in one process, one after the other in each round, and what stands here are the medians of the
        rounds. Each round compares words, references and the list of leaks of all that scan by kmemleak's rules, and fails when they
        differ. 10 k to 5 M are generated captures: slabs of a kernel's sizes (380 bytes on average), a sixth of the words
        pointers, one of five of them to the inside of an object, objects created in no order of addresses. 87 k is a capture of a
        real 6.1. All are files in the page cache, which is told before each contest to let go of the heap and to read it from the
        disk: so it lies in pages of 2 MB, where kernel and file system can do that (ext4 since Linux 6.16), for everyone who reads
        it.

        - *Red-black tree*: the kernel's own loop, without its locks: for each word of each block, in kmemleak's order, the bounds
          check and a look-up in a tree of records of 200 bytes, each malloc'ed by itself in the order of creation.
        - *Sorted array*: the same loop, with a binary search in an array of the starts.
        - *Boehm GC's mark*: the mark phase of a full collection in a heap of the same shape: objects of the same sizes, pointers at
          the same offsets to the same bytes. It marks only: no order, no counts, no checksums, no recording.
        - *kmemtop*: sweep and walk, which leave the whole reference graph and the recording of each step. The memory for both is
          asked for, and its pages are cleared by the kernel, within the time (but for pieces below a few megabytes, which the
          allocator has from the round before). Before each scan as much memory is used and given back, so that the machine has
          it; the others have theirs since they were built. *In new memory*: without that, after all the others. The host of a
          virtual machine may take back what is free there for a few seconds (free page reporting), and to get it again takes
          long. Rounds of small heaps are too short for that; from 1 M on the scan with two threads waits before until the host
          has taken what it takes, or it would take it during the scan.
        - *Walk again*: with one leak declared to be none.
        - *Reading*: the blocks that the scan read, once, in the order of addresses, summed up with vector instructions.

        Nobody's preparation is counted: the kernel has its tree before it scans, the array is sorted, the collector's heap is built, and
        kmemtop's index of objects is there. What that index takes stands apart; add it for a scan from scratch.
        """

    static let growth = """
        How a scan grows with the heap, from rounds in which the sizes are scanned in turn, in memory that the machine has: what was
        measured in different minutes differs by more than what is to be told. The smaller ones are scanned several times in a row,
        so what the caches keep of a heap helps the small ones; in the table above all of them come after their rivals.
        Where there are fewer than 100 values, the longest stands for the 99th percentile, here and in what follows.
        """

    static let memory = """
        ## Memory

        The anonymous pages that are resident in a process of its own (RssAnon), looked at every millisecond, whoever asked for them;
        the pages of the mapped file are not among them. Two threads.
        """

    static let screen = """
        ## The screen

        Without a terminal, with a scan of the capture loaded: an event goes into the state, and the frame that follows, of 120x40
        where nothing else is said, is drawn as cells. Keys are those that walk through the list and step through the scan; seeks
        go to random moments, back and forth. Of sorting and filtering each round's slowest counts. The last two rows are without
        the frame: a key goes to the object beside a random one, and what both panes tell is found out, who points at it
        and whom it points at, and the chains from a root or the reasons why there is none.
        """

    static let processes = """
        ## From outside

        Whole processes from their start to their end, files in the page cache, output thrown away; and the program in a
        pseudo-terminal of 120x40, until the last byte of the frame has arrived. The red-black program maps the same capture, builds
        its tree and scans.
        """
}
