package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class LinesTest {
    @Test
    void linesAreThoseOfTheReferenceProgram() {
        assertEquals("Using device 'cuda:0'.", Lines.device("cuda:0"));
        assertEquals(
                "Using 50000 images for training and 10000 for validation.",
                Lines.pictures(50000, 10000));
        assertEquals(
                "epoch  1, train: loss = 0.0169, accuracy = 38.0500%",
                Lines.train(1, 0.01694, 0.3805));
        assertEquals(
                "epoch 30, train: loss = 0.0078, accuracy = 72.9020%",
                Lines.train(30, 0.0078, 0.72902));
        assertEquals(
                "          valid: loss = 0.0138, accuracy = 49.4200%",
                Lines.valid(0.01379, 0.4942));
        assertEquals("Accuracy for class: plane is 77.7 %", Lines.ofClass("plane", 0.777));
        assertEquals("Accuracy for class: car   is 89.5 %", Lines.ofClass("car", 0.895));
    }

    @Test
    void durationsReadAsPeopleSayThem() {
        assertEquals("6.7 s", Lines.duration(6.7));
        assertEquals("4 min 05 s", Lines.duration(245));
        assertEquals("3 h 02 min", Lines.duration(3 * 3600 + 2 * 60 + 9));
    }
}
