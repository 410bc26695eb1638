package io.github.cortado.vision;

import java.io.IOException;
import java.nio.file.Path;

/** A program that reads pictures and prints a line for each: its size, or why it cannot. */
public final class ReadsPictures {
    private ReadsPictures() {}

    /** Arguments: the files. */
    public static void main(String[] args) {
        for (String file : args) {
            try {
                System.out.println(ImageFiles.read(Path.of(file)));
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
