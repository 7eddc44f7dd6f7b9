/* SPDX-License-Identifier: MIT */
//arch: defined __s390x__
#define ARCH_ELF_64 EM_S390
#define ARCH_ELF_32 EM_S390

#define SYS_INSTRUCTION "svc 0"
#define SYS_NUMBER "r1"
#define SYS_RESULT "r2"
#define SYS_ARGUMENT_1 "r2"
#define SYS_ARGUMENT_2 "r3"
#define SYS_ARGUMENT_3 "r4"
#define SYS_ARGUMENT_4 "r5"
#define SYS_ARGUMENT_5 "r6"
#define SYS_ARGUMENT_6 "r7"
#define SYS_CLOBBERS

/* 160 bytes of the stack are the callee's, to save its registers. */
#define ARCH_START "lgr %r2, %r15\n\taghi %r15, -160\n\tbrasl %r14, start"
