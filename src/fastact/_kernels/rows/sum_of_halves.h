/* The sum of 32 doubles, the LANES of lines.pxi: of the halves, then of the halves of these sums, and so on. GCC 12 would
 * add the last 16 one by one. */
#ifndef FASTACT_SUM_OF_HALVES_H
#define FASTACT_SUM_OF_HALVES_H

#include <string.h>

typedef double two_doubles __attribute__((vector_size(16)));
typedef double four_doubles __attribute__((vector_size(32)));
typedef double eight_doubles __attribute__((vector_size(64)));

static inline double sum_of_halves(const double *x) {
    eight_doubles quarters[4], eighth;
    four_doubles fours[2];
    two_doubles twos[2];
    memcpy(quarters, x, sizeof quarters);
    eighth = (quarters[0] + quarters[2]) + (quarters[1] + quarters[3]);
    memcpy(fours, &eighth, sizeof eighth);
    fours[0] += fours[1];
    memcpy(twos, fours, sizeof twos);
    twos[0] += twos[1];
    return twos[0][0] + twos[0][1];
}

#endif
