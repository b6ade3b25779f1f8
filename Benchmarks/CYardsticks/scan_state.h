// The fields that a scan needs of what finds records: the gray list, linked through the records, and the addresses between
// which there are objects (the kernel's min_addr and max_addr).

#define SCAN_STATE(RECORD) \
    RECORD *gray_head, **gray_tail; \
    uint64_t low, high, percpu_low, percpu_high;
