/* SPDX-License-Identifier: MIT */
//arch: defined __x86_64__ && !defined __ILP32__
//flags: -mgeneral-regs-only -mpreferred-stack-boundary=3
#define ARCH_ELF_64 EM_X86_64
#define ARCH_ELF_32 EM_386

#define SYS_INSTRUCTION "syscall"
#define SYS_NUMBER "rax"
#define SYS_RESULT "rax"
#define SYS_ARGUMENT_1 "rdi"
#define SYS_ARGUMENT_2 "rsi"
#define SYS_ARGUMENT_3 "rdx"
#define SYS_ARGUMENT_4 "r10"
#define SYS_ARGUMENT_5 "r8"
#define SYS_ARGUMENT_6 "r9"
#define SYS_CLOBBERS "rcx", "r11",

/* The kernel starts a program with an aligned stack, and call takes 8 bytes of it. */
#define ARCH_START "mov %rsp, %rdi\n\tcall start"
