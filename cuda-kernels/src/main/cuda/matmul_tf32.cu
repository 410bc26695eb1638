// Matrix products on tensor cores, where TF32 is allowed and the GPU has compute capability 8.0; otherwise as matmul.cu.
//
// 1: 64 x 64 tiles by four warps of 32 x 32, 128 x 128 tiles by eight of 64 x 32 where there are enough of them: 12 reads
//    of shared memory for 8 products of 16 x 8 x 8, or 16 for 16.
#include "matmul.cuh"
#include "tensor.cuh"

extern "C" __global__ void __launch_bounds__(128)
    matmul_tf32_64(const float* a, const float* b, const float* bias, float* y, float* sums, float* partial, unsigned* arrived, Product p) {
  matmul<TensorTile<64, 64, 2, 2>>(a, b, bias, y, sums, partial, arrived, p);
}

extern "C" __global__ void __launch_bounds__(256)
    matmul_tf32_128(const float* a, const float* b, const float* bias, float* y, float* sums, float* partial, unsigned* arrived, Product p) {
  matmul<TensorTile<128, 128, 2, 4>>(a, b, bias, y, sums, partial, arrived, p);
}
