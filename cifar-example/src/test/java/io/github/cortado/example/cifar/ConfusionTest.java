package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ConfusionTest {
    private final Confusion confusion = new Confusion(List.of("plane", "car", "bird"));

    ConfusionTest() {
        for (int i = 0; i < 10; i++) {
            confusion.add(0, i < 8 ? 0 : 2);
        }
        confusion.add(1, 1);
    }

    @Test
    void sharesCountTheDiagonalOfTheirRow() {
        assertEquals(new Confusion.Share(8, 10), confusion.ofClass(0));
        assertEquals(new Confusion.Share(9, 11), confusion.all());
    }

    @Test
    void intervalsAreWilsons() {
        // Wilson's formula for 8 of 10 at 95 %, worked out by hand.
        assertEquals(0.4902, confusion.ofClass(0).low(), 1e-4);
        assertEquals(0.9433, confusion.ofClass(0).high(), 1e-4);
        assertEquals(1, confusion.ofClass(1).high(), 1e-12);
    }

    @Test
    void aClassWithoutPicturesHasNoAccuracy() {
        assertEquals(
                List.of(
                        "Accuracy for class: plane is 80.0 %",
                        "Accuracy for class: car   is 100.0 %",
                        "Accuracy for class: bird had no pictures"),
                confusion.lines());
        assertEquals(0, confusion.ofClass(2).low());
        assertEquals(1, confusion.ofClass(2).high());
    }
}
