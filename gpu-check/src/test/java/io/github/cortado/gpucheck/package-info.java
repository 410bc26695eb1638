@NullMarked
package io.github.cortado.gpucheck;

import org.jspecify.annotations.NullMarked;
