/* SPDX-License-Identifier: MIT */
/* 32 bits, and 64 of ELFv2. The error is told apart from the result, in a flag, and a call may
 * change all registers that a function may: it is one. */
//arch: defined __powerpc__ && (!defined __powerpc64__ || _CALL_ELF == 2)
//flags: -mno-altivec -mno-vsx -mcmodel=small -msdata=sysv
#define ARCH_ELF_64 EM_PPC64
#define ARCH_ELF_32 EM_PPC

#define ARCH_ALIGNS_PAIRS 1
#define ARCH_FORGET_PAGES(fd) sys6(__NR_fadvise64_64, fd, POSIX_FADV_DONTNEED, 0, 0, 0, 0)

#define SYS_FUNCTION \
	"sys_call:\n\t" \
	"mr 0, 3\n\tmr 3, 4\n\tmr 4, 5\n\tmr 5, 6\n\tmr 6, 7\n\tmr 7, 8\n\tmr 8, 9\n\t" \
	"sc\n\tbnslr\n\tneg 3, 3\n\tblr\n"

/* r2 points into the table of addresses (64 bits), r13 into the small data. */
#ifdef __powerpc64__
#define ARCH_START \
	"addis 2, 12, .TOC.-_start@ha\n\taddi 2, 2, .TOC.-_start@l\n\t" \
	"mr 3, 1\n\tstdu 0, -32(1)\n\tbl start"
#else
#define ARCH_START \
	"lis 13, _SDA_BASE_@ha\n\taddi 13, 13, _SDA_BASE_@l\n\t" \
	"mr 3, 1\n\tstwu 0, -16(1)\n\tbl start"
#endif
