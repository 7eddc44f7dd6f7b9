/* SPDX-License-Identifier: MIT */
//arch: defined __riscv
//flags: -msave-restore
#define ARCH_ELF_64 EM_RISCV
#define ARCH_ELF_32 EM_RISCV

#define SYS_INSTRUCTION "ecall"
#define SYS_NUMBER "a7"
#define SYS_RESULT "a0"
#define SYS_ARGUMENT_1 "a0"
#define SYS_ARGUMENT_2 "a1"
#define SYS_ARGUMENT_3 "a2"
#define SYS_ARGUMENT_4 "a3"
#define SYS_ARGUMENT_5 "a4"
#define SYS_ARGUMENT_6 "a5"
#define SYS_CLOBBERS

/* The linker makes shorter instructions for what is near gp. */
#define ARCH_START \
	".option push\n\t.option norelax\n\tlla gp, __global_pointer$\n\t.option pop\n\t" \
	"mv a0, sp\n\tcall start"
