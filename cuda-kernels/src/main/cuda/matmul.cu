// Batches of y_i = op(a_i) op(b_i) + bias, perhaps followed by a ReLU.
//
// 1: 16 x 16 tiles in shared memory, a thread for each element: two reads of shared memory for one multiply-add.
// 2: 4 x 4 elements a thread from registers, 64 x 64 tiles: eight reads for sixteen multiply-adds (tile.cuh).
// 3: 8 x 8 elements a thread, 128 x 128 tiles, for products that have enough of them: 16 reads for 64.
// 4: k is cut into shares where there are fewer tiles than multiprocessors (LeNet's fc1: 16 tiles of 64 x 64, k = 1024);
//    the last block at a tile adds the shares, so that it is still one kernel.
#include "matmul.cuh"

extern "C" __global__ void __launch_bounds__(kTileThreads)
    matmul_64(const float* a, const float* b, const float* bias, float* y, float* sums, float* partial, unsigned* arrived, Product p) {
  matmul<Tile<64, 64, 16, 4, 4>>(a, b, bias, y, sums, partial, arrived, p);
}

extern "C" __global__ void __launch_bounds__(kTileThreads)
    matmul_128(const float* a, const float* b, const float* bias, float* y, float* sums, float* partial, unsigned* arrived, Product p) {
  matmul<Tile<128, 128, 8, 8, 8>>(a, b, bias, y, sums, partial, arrived, p);
}
