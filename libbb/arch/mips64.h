/* SPDX-License-Identifier: MIT */
/* n64, of either byte order. The error is told apart from the result, in a register that is an
 * argument's: one function for all calls is smaller than that at each of them. */
//arch: defined __mips__ && _MIPS_SIM == _ABI64
//flags: -mno-mips16 -mno-abicalls -fno-pic -msym32
#define ARCH_ELF_64 EM_MIPS
#define ARCH_ELF_32 EM_MIPS
#define ARCH_CALLS_FROM 5000
#define ARCH_STAT_DIFFERS 1 /* the kernel's struct stat from libc's */

#define SYS_FUNCTION \
	".set noreorder\n" \
	"sys_call:\n\t" \
	"move $2, $4\n\tmove $4, $5\n\tmove $5, $6\n\tmove $6, $7\n\tmove $7, $8\n\tmove $8, $9\n\t" \
	"move $9, $10\n\t" \
	"syscall\n\t" \
	"beqz $7, 1f\n\tnop\n\t" \
	"negu $2, $2\n" \
	"1:\tjr $31\n\tnop\n\t" \
	".set reorder\n\t"

/* Small data is reached by $28. */
#define ARCH_START "lui $28, %hi(_gp)\n\tdaddiu $28, $28, %lo(_gp)\n\tmove $4, $sp\n\tjal start"
