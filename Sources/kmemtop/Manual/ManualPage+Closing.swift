extension ManualPage {
    /// The sections that no table gives, in mdoc.
    static let closing = #"""
        .Sh ENVIRONMENT
        .Bl -tag -width XDG_CONFIG_HOME
        .It Ev TERM
        The kind of the terminal; what it can show is looked up in terminfo.
        .It Ev NO_COLOR
        When set and not empty, no colours are used.
        Shape and letter still tell everything.
        .It Ev COLORFGBG
        The terminal's colours as
        .Ar foreground Ns \&; Ns Ar background ,
        by which a theme is chosen unless the settings name one.
        .It Ev LC_ALL , Ev LC_CTYPE , Ev LANG
        The first that is set and not empty names the locale.
        Where its characters are not UTF\-8, the screen is drawn in ASCII.
        .It Ev ESCDELAY
        Milliseconds to wait for the rest of a key's characters after an escape;
        25 unless set.
        .It Ev XDG_CONFIG_HOME
        Where the folder of settings lies, as an absolute path;
        .Pa ~/.config
        unless set.
        .El
        .Sh FILES
        .Bl -tag -width Ds
        .It Pa $XDG_CONFIG_HOME/kmemtop/config.yaml
        Settings: theme, mouse, characters, how panes share the room.
        Written when a setting is changed on the screen.
        A file that cannot be read is never written over.
        .It Pa $XDG_CONFIG_HOME/kmemtop/notes.yaml
        Marks and notes on objects, by source and address.
        .El
        .Sh EXIT STATUS
        .Bl -tag -width Ds
        .It 0
        Done.
        .It 1
        A result that a script must not miss:
        .Cm scan
        lists at least one leak,
        .Cm dump
        finds nothing tracked at the address,
        .Cm control
        fails to write,
        .Cm test
        finds an expectation that does not hold.
        .It 2
        Wrong usage or input; one sentence on standard error says what and where.
        .El
        .Sh EXAMPLES
        Step the leak that opens without a source:
        .Pp
        .Dl $ kmemtop
        .Pp
        Print what the kernel would print of a capture's leaks:
        .Pp
        .Dl $ kmemtop scan heap.kmemcore \-\-format report
        .Pp
        Scan twice, the second time 10 seconds later, and list every object:
        .Pp
        .Dl $ kmemtop scan cycle \-\-scans 2 \-\-advance 10 \-\-format json \-\-objects
        .Pp
        See what is known of an object after a scan:
        .Pp
        .Dl $ kmemtop dump hub\-probe 0xffffffc008efd200 \-\-scans 1
        .Pp
        Check what your own scenarios expect:
        .Pp
        .Dl $ kmemtop test *.yaml
        .Pp
        Make up a heap of a million objects, one in a thousand of them a leak, and look at it:
        .Pp
        .Dl $ kmemtop generate \-\-objects 1000000 \-\-seed 1 \-\-leaks 0.1% \-o heap.kmemcore
        .Dl $ kmemtop heap.kmemcore
        .Pp
        Draw the first leak after a scan:
        .Pp
        .Dl $ kmemtop render cycle \-\-keys \(dqS L\(dq \-\-format svg > leak.svg
        .Sh SEE ALSO
        .Xr dmesg 1 ,
        .Xr gdb 1 ,
        .Xr core 5
        .Pp
        .Lk https://docs.kernel.org/dev\-tools/kmemleak.html "Kernel Memory Leak Detector"
        """#
}
