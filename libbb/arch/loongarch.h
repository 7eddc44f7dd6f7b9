/* SPDX-License-Identifier: MIT */
//arch: defined __loongarch64
#define ARCH_ELF_64 258 /* EM_LOONGARCH */
#define ARCH_ELF_32 258

#define SYS_INSTRUCTION "syscall 0"
#define SYS_NUMBER "$a7"
#define SYS_RESULT "$a0"
#define SYS_ARGUMENT_1 "$a0"
#define SYS_ARGUMENT_2 "$a1"
#define SYS_ARGUMENT_3 "$a2"
#define SYS_ARGUMENT_4 "$a3"
#define SYS_ARGUMENT_5 "$a4"
#define SYS_ARGUMENT_6 "$a5"
#define SYS_CLOBBERS "$t0", "$t1", "$t2", "$t3", "$t4", "$t5", "$t6", "$t7", "$t8",

#define ARCH_START "move $a0, $sp\n\tbl start"
