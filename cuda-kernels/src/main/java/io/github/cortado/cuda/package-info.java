/**
 * The CUDA backend: kernels of our own on JCuda's driver API, cuBLAS and cuDNN where they are, a
 * pool of device memory, and steps recorded as CUDA graphs. Core finds it by its {@code
 * BackendProvider}; nobody refers to it by name.
 */
@NullMarked
package io.github.cortado.cuda;

import org.jspecify.annotations.NullMarked;
