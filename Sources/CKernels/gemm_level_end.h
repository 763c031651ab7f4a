// Takes back what gemm_level.h defined, so that the next level can be included.
#undef TY_JOIN_
#undef TY_JOIN
#undef LEVEL
#undef vec
#undef TY_COLUMNS
#undef TY_ROWS
#undef TY_WIDTH
#undef TY_LEVEL
