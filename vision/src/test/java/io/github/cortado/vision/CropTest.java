package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What cuts and pads; the pixels themselves are compared with torchvision's elsewhere. */
class CropTest {
    private final Image picture = noise(12, 17);

    private static Image noise(int height, int width) {
        byte[] bytes = new byte[3 * height * width];
        new Random(3).nextBytes(bytes);
        return Image.of(bytes, height, width);
    }

    @Test
    void aRandomCropIsTheOneAtThePlaceOfItsTwoDraws() {
        RandomCrop crop = new RandomCrop(10, 14).padding(2).paddingMode(PaddingMode.REFLECT);
        Compose chain = Compose.of(new Resize(12, 17), crop);
        for (int index = 0; index < 50; index++) {
            PhiloxStream draws = Streams.augmentation(6, 2, index, 1);
            int top = (int) (7 * draws.uniform(0));
            int left = (int) (8 * draws.uniform(1));
            assertEquals(
                    crop.apply(picture, top, left),
                    chain.picture(picture, new Draws(6).at(2, index)));
        }
    }

    /** 28 places, each expected 100 times of 2800 with a deviation of ten. */
    @Test
    void everyPlaceIsAsLikely() {
        RandomCrop crop = new RandomCrop(9, 11);
        int[] counts = new int[4 * 7];
        Draws draws = new Draws(1);
        Image[] places = new Image[counts.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = crop.apply(picture, i / 7, i % 7);
        }
        for (int index = 0; index < 100 * counts.length; index++) {
            counts[List.of(places).indexOf(crop.apply(picture, draws.at(0, index)))]++;
        }
        for (int count : counts) {
            assertEquals(100, count, 45);
        }
    }

    @Test
    void aPictureOfTheSizeThatIsWantedStaysAsItIs() {
        assertEquals(picture, new RandomCrop(12, 17).apply(picture, new Draws(0)));
        assertEquals(picture, new CenterCrop(12, 17).apply(picture, new Draws(0)));
        assertEquals(picture, new Pad(0).apply(picture, new Draws(0)));
    }

    @Test
    void theShortFormsAreTheLongOnes() {
        Draws draws = new Draws(0);
        assertEquals(
                new Pad(3, 2, 3, 2).apply(picture, draws), new Pad(3, 2).apply(picture, draws));
        assertEquals(
                Transforms.pad(picture, 4, 4, 4, 4, PaddingMode.CONSTANT, 9, 9, 9),
                new Pad(4).fill(9).apply(picture, draws));
        assertEquals(
                Transforms.pad(picture, 1, 0, 0, 0, PaddingMode.CONSTANT),
                new Pad(1, 0, 0, 0).apply(picture, draws));
        assertEquals(Transforms.centerCrop(picture, 5, 5), new CenterCrop(5).apply(picture, draws));
        assertEquals(
                new RandomCrop(8, 8).padding(2, 2, 2, 2).fill(1, 1, 1).apply(picture, 3, 4),
                new RandomCrop(8).fill(1).padding(2).apply(picture, 3, 4));
    }

    /** A device that transforms pictures itself has no such step, and is told so. */
    @Test
    void theyAreDoneOnTheHostUnlessThereIsNothingToDo() {
        for (PictureTransform some :
                List.of(
                        new RandomCrop(12, 17).padding(4),
                        new RandomCrop(8),
                        new CenterCrop(8),
                        new Pad(1))) {
            assertFalse(Compose.of(some, new ToTensor()).onDevice(12, 17).isPresent());
        }
        for (PictureTransform none :
                List.of(new RandomCrop(12, 17), new CenterCrop(12, 17), new Pad(0))) {
            assertEquals(PictureStep.Kind.NONE, none.step(0, 12, 17).orElseThrow().kind());
        }
    }

    @Test
    void whatCannotBeCutOrPaddedIsRefusedWithTheReason() {
        refused(
                "RandomCrop: size (32, 40) does not fit a picture [3, 12, 17] with padding (4, 4, 4, 4)",
                () -> new RandomCrop(32, 40).padding(4).apply(picture, new Draws(0)));
        refused(
                "RandomCrop: place (5, 0) must be within (0, 0) and (4, 9)",
                () -> new RandomCrop(8).apply(picture, 5, 0));
        refused(
                "Pad: padding (-9, 0, -8, 1) leaves nothing of a picture [3, 12, 17]",
                () -> new Pad(-9, 0, -8, 1).apply(picture, new Draws(0)));
        refused("Pad: fill must be one number or three", () -> new Pad(1).fill(1, 2));
        refused("RandomCrop: fill must be one", () -> new RandomCrop(1).fill(256));
        refused("padding must be in", () -> new Pad(Integer.MAX_VALUE));
        refused("CenterCrop: height and width must be positive", () -> new CenterCrop(0));
        refused("RandomCrop: height and width must be positive", () -> new RandomCrop(3, -1));
        refused("crop: height and width", () -> Transforms.crop(picture, 0, 0, 0, 1));
    }

    private static void refused(String reason, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void theyPrintAsTorchvisionsDo() {
        assertEquals("CenterCrop(size=(3, 4))", new CenterCrop(3, 4).toString());
        assertEquals(
                "Pad(padding=[1, 2, 1, 2], fill=(0, 0, 0), padding_mode=edge)",
                new Pad(1, 2).paddingMode(PaddingMode.EDGE).toString());
        assertEquals(
                "RandomCrop(size=(8, 8), padding=[4, 4, 4, 4], pad_if_needed=False,"
                        + " fill=(9, 8, 7), padding_mode=constant)",
                new RandomCrop(8).padding(4).fill(9, 8, 7).toString());
    }
}
