@NullMarked
package io.github.cortado.example.cifar;

import org.jspecify.annotations.NullMarked;
