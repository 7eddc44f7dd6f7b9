/* SPDX-License-Identifier: MIT */
//arch: defined __aarch64__ && defined __LP64__
//flags: -mgeneral-regs-only
#define ARCH_ELF_64 EM_AARCH64
#define ARCH_ELF_32 EM_ARM

#define SYS_INSTRUCTION "svc 0"
#define SYS_NUMBER "x8"
#define SYS_RESULT "x0"
#define SYS_ARGUMENT_1 "x0"
#define SYS_ARGUMENT_2 "x1"
#define SYS_ARGUMENT_3 "x2"
#define SYS_ARGUMENT_4 "x3"
#define SYS_ARGUMENT_5 "x4"
#define SYS_ARGUMENT_6 "x5"
#define SYS_CLOBBERS

#define ARCH_START "mov x0, sp\n\tb start"
