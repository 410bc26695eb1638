/** Two-dimensional convolution in its three directions, alone and with what follows it. */
@NullMarked
package io.github.cortado.backend.cpu.vector.conv;

import org.jspecify.annotations.NullMarked;
