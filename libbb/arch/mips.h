/* SPDX-License-Identifier: MIT */
/*
 * o32, of either byte order. The error is told apart from the result, in a register that is an
 * argument's, and the arguments after the fourth lie on the stack: one function for all calls is
 * smaller than that at each of them.
 */
//arch: defined __mips__ && _MIPS_SIM == _ABIO32
//flags: -mno-mips16 -mno-abicalls -fno-pic
#define ARCH_ELF_64 EM_MIPS
#define ARCH_ELF_32 EM_MIPS
#define ARCH_CALLS_FROM 4000

#define ARCH_ALIGNS_PAIRS 1
/* The offset, after a word of padding, and the length take two words each. */
#define ARCH_FORGET_PAGES(fd) sys7(__NR_fadvise64, fd, 0, 0, 0, 0, 0, POSIX_FADV_DONTNEED)

#define SYS_FUNCTION \
	".set noreorder\n" \
	"sys_call:\n\t" \
	"move $2, $4\n\tmove $4, $5\n\tmove $5, $6\n\tmove $6, $7\n\t" \
	"lw $7, 16($sp)\n\tlw $8, 20($sp)\n\tlw $9, 24($sp)\n\tlw $10, 28($sp)\n\t" \
	"addiu $sp, $sp, -32\n\t" \
	"sw $8, 16($sp)\n\tsw $9, 20($sp)\n\tsw $10, 24($sp)\n\t" \
	"syscall\n\t" \
	"beqz $7, 1f\n\taddiu $sp, $sp, 32\n\t" \
	"negu $2, $2\n" \
	"1:\tjr $31\n\tnop\n\t" \
	".set reorder\n\t"

/* Small data is reached by $28. The callee may save its first four arguments in 16 bytes of the
 * caller's. */
#define ARCH_START \
	"lui $28, %hi(_gp)\n\taddiu $28, $28, %lo(_gp)\n\tmove $4, $sp\n\taddiu $sp, $sp, -16\n\tjal start"
