package io.github.cortado.vision;

/** Turns bytes into float32 in [0, 1]: y = x / 255. */
public record ToTensor() implements Transform {
    @Override
    public String toString() {
        return "ToTensor()";
    }
}
