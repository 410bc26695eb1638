/**
 * LeNet, or a stronger network, learns CIFAR-10: the commands {@code train}, {@code evaluate},
 * {@code classify} and {@code doctor}, with curves, pictures and a report.
 */
@NullMarked
package io.github.cortado.example.cifar;

import org.jspecify.annotations.NullMarked;
