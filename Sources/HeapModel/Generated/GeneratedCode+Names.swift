// What functions and variables of a generated heap's kernel are called.
extension GeneratedCode {
    /// The outermost frames, by context; outermost first.
    static let entries = [
        ["ret_from_fork_asm", "ret_from_fork", "kernel_init", "kernel_init_freeable", "do_one_initcall"],
        ["entry_SYSCALL_64_after_hwframe", "do_syscall_64"],
        ["ret_from_fork_asm", "ret_from_fork", "kthread", "worker_thread", "process_one_work"],
        ["asm_common_interrupt", "common_interrupt", "irq_exit_rcu", "handle_softirqs"],
    ]

    /// The calls between the entry and the allocator, by context; outermost first.
    static let paths = [
        [
            "pci_subsys_init pcibios_init acpi_pci_root_add pci_scan_child_bus_extend pci_scan_single_device pci_alloc_dev",
            "acpi_init acpi_bus_init acpi_load_tables acpi_ns_load_table acpi_ps_parse_aml acpi_ut_create_generic_state",
            "tty_init device_register device_add kobject_add kobject_add_internal sysfs_create_dir_ns kernfs_create_dir_ns __kernfs_new_node",
            "init_ext4_fs register_filesystem", "inet_init inet_register_protosw proto_register", "slab_sysfs_init sysfs_slab_add kobject_init_and_add",
            "usb_init bus_register subsys_register kset_register", "genhd_device_init class_register", "cgroup_init_early cgroup_setup_root allocate_cgrp_cset_links",
            "do_basic_setup driver_init platform_bus_init bus_register", "ata_init ata_parse_force_param", "workqueue_init_early alloc_workqueue apply_workqueue_attrs",
        ],
        [
            "__x64_sys_openat do_sys_openat2 do_filp_open path_openat alloc_empty_file",
            "__x64_sys_openat do_sys_openat2 do_filp_open path_openat lookup_open d_alloc_parallel d_alloc __d_alloc",
            "__x64_sys_newfstatat vfs_statx filename_lookup path_lookupat walk_component __lookup_slow ext4_lookup ext4_iget iget_locked alloc_inode",
            "__x64_sys_clone __do_sys_clone kernel_clone copy_process dup_task_struct",
            "__x64_sys_clone __do_sys_clone kernel_clone copy_process dup_mm dup_mmap vm_area_dup",
            "__x64_sys_clone __do_sys_clone kernel_clone copy_process prepare_creds",
            "__x64_sys_mmap ksys_mmap_pgoff vm_mmap_pgoff do_mmap mmap_region vm_area_alloc",
            "__x64_sys_mmap ksys_mmap_pgoff vm_mmap_pgoff do_mmap mmap_region mas_store_gfp mas_alloc_nodes",
            "__x64_sys_execve do_execveat_common bprm_execve load_elf_binary setup_arg_pages expand_stack",
            "__x64_sys_socket __sys_socket sock_create __sock_create inet6_create sk_alloc sk_prot_alloc",
            "__x64_sys_sendmsg ___sys_sendmsg sock_sendmsg unix_stream_sendmsg sock_alloc_send_pskb alloc_skb_with_frags __alloc_skb",
            "__x64_sys_write ksys_write vfs_write ext4_buffered_write_iter ext4_da_write_begin create_empty_buffers alloc_buffer_head",
            "__x64_sys_read ksys_read vfs_read seq_read_iter proc_reg_read_iter single_open", "__x64_sys_epoll_ctl do_epoll_ctl ep_insert",
            "__x64_sys_mount path_mount do_new_mount vfs_get_tree get_tree_bdev ext4_fill_super", "__x64_sys_init_module load_module layout_and_allocate",
            "__x64_sys_inotify_add_watch inotify_new_watch fsnotify_add_mark_locked", "__x64_sys_bpf __sys_bpf bpf_prog_load bpf_check",
            "__x64_sys_getdents64 iterate_dir kernfs_fop_readdir kernfs_dop_revalidate", "__x64_sys_keyctl keyctl_join_session_keyring key_alloc",
        ],
        [
            "hub_event usb_new_device usb_enumerate_device usb_get_configuration usb_parse_configuration",
            "wb_workfn wb_writeback writeback_sb_inodes ext4_writepages ext4_init_io_end", "async_run_entry_fn do_scan_async scsi_alloc_sdev blk_mq_init_queue",
            "fb_flashcursor bit_cursor", "disk_events_workfn sr_check_events", "cgroup_bpf_release_fn bpf_prog_array_alloc", "addrconf_dad_work ipv6_mc_up mld_newpack",
            "jbd2_journal_commit_transaction jbd2_journal_write_metadata_buffer", "khugepaged_scan_mm_slot collapse_huge_page", "netdev_run_todo rtmsg_ifinfo_build_skb",
        ],
        [
            "net_rx_action __napi_poll e1000_clean e1000_clean_rx_irq napi_alloc_skb", "net_rx_action __napi_poll ip_rcv ip_route_input_noref dst_alloc",
            "run_timer_softirq call_timer_fn neigh_timer_handler neigh_alloc", "blk_complete_reqs scsi_end_request scsi_alloc_sgtables", "tasklet_action ata_qc_complete ata_scsi_qc_complete",
            "rcu_core rcu_do_batch inode_free_by_rcu", "tcp_v4_rcv tcp_conn_request inet_reqsk_alloc", "tcp_v4_rcv tcp_rcv_established tcp_ack_update_rtt",
        ],
    ]

    /// Calls through drivers that forget what they allocate.
    static let leakyPaths = [
        "hub_probe hub_configure", "usb_probe_interface snd_usb_probe snd_usb_create_streams", "rtl8xxxu_probe rtl8xxxu_parse_efuse",
        "nvme_probe nvme_alloc_ns nvme_ns_head_init", "i915_driver_probe intel_gvt_init", "mlx5e_open mlx5e_open_channels mlx5e_open_channel",
        "vc4_crtc_atomic_check vc4_plane_duplicate_state", "btrfs_ioctl btrfs_quota_enable add_qgroup_rb", "cifs_mount cifs_setup_session SMB2_sess_setup",
        "nf_tables_newrule nft_expr_init", "sctp_sendmsg sctp_connect_new_asoc sctp_association_new", "bpf_map_update_elem htab_map_update_elem alloc_htab_elem",
        "media_device_register v4l2_ctrl_new_custom", "ubi_attach ubi_scan_fastmap", "thermal_zone_device_register thermal_of_populate_trip",
        "i2c_register_adapter of_i2c_register_devices", "regmap_init regcache_rbtree_init", "phy_attach_direct phy_sysfs_create_links",
    ]

    static let globals = [
        "vmap_area_list", "init_task", "super_blocks", "file_systems", "usb_bus_idr", "pci_root_buses", "inode_hashtable", "dentry_hashtable",
        "slab_caches", "modules", "net_namespace_list", "init_net", "workqueues", "bus_kset", "class_kset", "devices_kset", "block_class",
        "acpi_root_dir", "tty_drivers", "console_drivers", "input_dev_list", "crypto_alg_list", "cgrp_dfl_root", "init_css_set", "key_user_tree",
        "init_user_ns", "init_pid_ns", "mount_hashtable", "mountpoint_hashtable", "fib_info_hash", "tcp_hashinfo", "udp_table", "neigh_tables",
        "inet_protos", "ptype_base", "netdev_chain", "unix_socket_table", "nf_hooks_ipv4", "bio_slabs", "elv_list", "scsi_host_template", "ata_port_list",
        "nvme_subsystems", "hid_bus_type", "drm_minors_idr", "fb_info_table", "snd_cards", "i2c_adapter_idr", "spi_master_list", "gpio_devices",
        "regulator_map_list", "clk_root_list", "thermal_tz_list", "cpufreq_policy_list", "pm_vt_switch_list", "wakeup_sources", "irq_desc_tree",
        "ioapic_irq_domain", "timer_list_head", "hrtimer_bases", "rcu_state", "swap_info", "bdi_list", "shrinker_list", "zswap_trees", "ksm_mm_head",
        "khugepaged_scan", "memcg_idr", "perf_swevent_htab", "ftrace_ops_list", "trace_array_list", "kprobe_table", "bpf_map_idr", "bpf_prog_idr",
        "audit_filter_list", "selinux_state", "integrity_iint_tree", "fsnotify_mark_srcu", "ext4_proc_root", "jbd2_slabs", "nfs_client_list", "fuse_conn_list",
    ]
}
