/* SPDX-License-Identifier: MIT */
/* The EABI, with hard or soft floating point, since there is none. */
//arch: defined __arm__ && defined __ARM_EABI__
//flags: -mthumb
#define ARCH_ELF_64 EM_AARCH64
#define ARCH_ELF_32 EM_ARM

#define SYS_INSTRUCTION "svc 0"
#define SYS_NUMBER "r7"
#define SYS_RESULT "r0"
#define SYS_ARGUMENT_1 "r0"
#define SYS_ARGUMENT_2 "r1"
#define SYS_ARGUMENT_3 "r2"
#define SYS_ARGUMENT_4 "r3"
#define SYS_ARGUMENT_5 "r4"
#define SYS_ARGUMENT_6 "r5"
#define SYS_CLOBBERS

#define ARCH_ALIGNS_PAIRS 1
#define ARCH_FORGET_PAGES(fd) sys6(__NR_arm_fadvise64_64, fd, POSIX_FADV_DONTNEED, 0, 0, 0, 0)

/* A division by zero would call these of libgcc, which need libc's raise(). */
#define ARCH_START \
	"mov r0, sp\n\tbl start\n" \
	".globl __aeabi_idiv0, __aeabi_ldiv0\n" \
	"__aeabi_idiv0:\n__aeabi_ldiv0:\n\tbx lr"
