// Convolution and its gradients on tensor cores, where TF32 is allowed and the GPU has compute capability 8.0; otherwise
// as conv.cu, whose products these are.
//
// 1: tiles of 64 x 64 by four warps, of 32 x 64 for few channels.
// 2: ReLU and 2 x 2 pooling of a tile before it leaves shared memory, and gradients from behind that (conv3x3.cu, 3).
#include "conv.cuh"
#include "tensor.cuh"

extern "C" __global__ void __launch_bounds__(128) conv_tf32_64(const float* x, const float* w, const float* bias, float* y, Conv s) {
  forward<TensorTile<64, 64, 2, 2>>(x, w, bias, y, s);
}
extern "C" __global__ void __launch_bounds__(128) conv_tf32_32(const float* x, const float* w, const float* bias, float* y, Conv s) {
  forward<TensorTile<32, 64, 1, 4>>(x, w, bias, y, s);
}

extern "C" __global__ void __launch_bounds__(128)
    conv_pooled_tf32_64(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv s) {
  forwardPooled<TensorTile<64, 64, 2, 2>>(x, w, bias, y, index, s);
}
extern "C" __global__ void __launch_bounds__(128)
    conv_pooled_tf32_32(const float* x, const float* w, const float* bias, float* y, unsigned char* index, Conv s) {
  forwardPooled<TensorTile<32, 64, 1, 4>>(x, w, bias, y, index, s);
}

extern "C" __global__ void __launch_bounds__(128)
    conv_grad_input_tf32_64(const float* dy, const unsigned char* index, const float* w, float* dx, Conv s) {
  gradInput<TensorTile<64, 64, 2, 2>>(dy, index, w, dx, s);
}
extern "C" __global__ void __launch_bounds__(128)
    conv_grad_input_tf32_32(const float* dy, const unsigned char* index, const float* w, float* dx, Conv s) {
  gradInput<TensorTile<32, 64, 1, 4>>(dy, index, w, dx, s);
}

extern "C" __global__ void __launch_bounds__(128)
    conv_grad_weight_tf32_64(const float* x, const float* dy, const unsigned char* index, float* dw, float* db, float* partial, unsigned* arrived, Conv s) {
  gradWeight<TensorTile<64, 64, 2, 2>>(x, dy, index, dw, db, partial, arrived, s);
}
extern "C" __global__ void __launch_bounds__(128)
    conv_grad_weight_tf32_32(const float* x, const float* dy, const unsigned char* index, float* dw, float* db, float* partial, unsigned* arrived, Conv s) {
  gradWeight<TensorTile<32, 32, 2, 2>>(x, dy, index, dw, db, partial, arrived, s);
}
