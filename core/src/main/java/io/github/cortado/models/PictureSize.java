package io.github.cortado.models;

/** Which pictures a network is for: how soon it makes them smaller. */
public enum PictureSize {
    /** Some 224 x 224, as torchvision's networks. */
    IMAGENET,
    /** Some 32 x 32: a network that begins as for ImageNet would leave little of them. */
    CIFAR
}
