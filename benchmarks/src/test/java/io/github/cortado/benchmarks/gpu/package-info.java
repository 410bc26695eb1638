@NullMarked
package io.github.cortado.benchmarks.gpu;

import org.jspecify.annotations.NullMarked;
