/* SPDX-License-Identifier: MIT */
//arch: defined __i386__
//flags: -mgeneral-regs-only -mpreferred-stack-boundary=2 -mregparm=3 -mno-align-stringops
#define ARCH_ELF_64 EM_X86_64
#define ARCH_ELF_32 EM_386

#define SYS_INSTRUCTION "int $0x80"
#define SYS_NUMBER "eax"
#define SYS_RESULT "eax"
#define SYS_ARGUMENT_1 "ebx"
#define SYS_ARGUMENT_2 "ecx"
#define SYS_ARGUMENT_3 "edx"
#define SYS_ARGUMENT_4 "esi"
#define SYS_ARGUMENT_5 "edi"
#define SYS_ARGUMENT_6 "ebp"
#define SYS_CLOBBERS

/* The older one, which has no more arguments than there are registers in each function: ebp may be
 * the frame's. */
#define ARCH_FORGET_PAGES(fd) sys5(__NR_fadvise64, fd, 0, 0, 0, POSIX_FADV_DONTNEED)

#define ARCH_START "mov %esp, %eax\n\tcall start"
