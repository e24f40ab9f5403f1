/* Numbers for e^x by a table of powers of two; made by tools/minimax.py. */
/* (e^r - 1 - r) / r^2 for what is left of an argument beside the table; degree 1, largest error of e^r 2.6e-09 */
#define STEPS_A_UNIT 0x1.7154760000000p+4f
#define STEP_F32 0x1.62e4300000000p-5f
#define STEP_LOW_F32 -0x1.05c6100000000p-33f
#define TABLE_TAIL_0 0x1.00029e0000000p-1f
#define TABLE_TAIL_1 0x1.5540060000000p-3f
/* what 2^(k/16), to 8 bits, falls short of 1 + k/16, in the last of these bits */
static const uint8_t powers_shortfall[16] = {
    0, 2, 4, 6,
    8, 9, 10, 11,
    11, 11, 11, 10,
    9, 7, 5, 3};
/* what the logarithms of the powers to so many bits lack */
static const float powers_rest[16] = {
    0x0.0p+0f, -0x1.4615f80000000p-9f, -0x1.851f180000000p-9f, -0x1.a661ec0000000p-10f,
    0x1.7894720000000p-10f, -0x1.1656ae0000000p-12f, -0x1.ca8ce00000000p-16f, 0x1.04e8240000000p-9f,
    0x1.c00c400000000p-14f, 0x1.766bd20000000p-13f, 0x1.0bd9420000000p-9f, 0x1.6b37980000000p-11f,
    0x1.485dfc0000000p-10f, -0x1.d1989a0000000p-11f, -0x1.13a2c60000000p-10f, 0x1.3947d00000000p-11f};
