package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.cuda.PictureCheck.Noise;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import io.github.cortado.vision.ColorJitter;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Draws;
import io.github.cortado.vision.Normalize;
import io.github.cortado.vision.PictureTransform;
import io.github.cortado.vision.RandomAffine;
import io.github.cortado.vision.RandomHorizontalFlip;
import io.github.cortado.vision.RandomRotation;
import io.github.cortado.vision.Resize;
import io.github.cortado.vision.ToTensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Batches made on the GPU have the bits of those that the CPU makes. */
@Tag("gpu")
class ResidentLoaderTest {
    private static Device cuda;

    @BeforeAll
    static void open() {
        Emulation.backend();
        cuda = Device.cuda();
    }

    /** The chain of the reference program. */
    private static Compose seven(int height, int width) {
        return Compose.of(
                new Resize(height, width),
                new RandomHorizontalFlip(0.5),
                new RandomRotation(10),
                new RandomAffine(0).shear(10).scale(0.8, 1.2),
                new ColorJitter(0.2, 0.2, 0.2),
                new ToTensor(),
                new Normalize(0.5, 0.5));
    }

    private static Stream<Arguments> chains() {
        return Stream.of(
                Arguments.of("seven of 32 x 32", new Noise(23, 32, 32), seven(32, 32)),
                Arguments.of("seven of 7 x 13", new Noise(9, 7, 13), seven(7, 13)),
                Arguments.of("seven of 1 x 1", new Noise(4, 1, 1), seven(1, 1)),
                Arguments.of("wild of 19 x 17", new Noise(40, 19, 17), PictureCheck.wild()),
                Arguments.of("plain", new Noise(12, 5, 6), Compose.of(new ToTensor())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    void everyPixelIsTheSame(String title, Dataset dataset, Compose transforms) {
        PictureCheck.batches(cuda, dataset, transforms);
    }

    @Test
    void aRecordedStepTakesBatchAfterBatchAndEpochAfterEpoch() {
        PictureCheck.recorded(cuda, new Noise(26, 8, 8), seven(8, 8));
    }

    @Test
    void whatCannotBeDoneThereIsSaidBefore() {
        PictureTransform own =
                new PictureTransform() {
                    @Override
                    public Image apply(Image picture, Image spare, Draws draws) {
                        return picture;
                    }

                    @Override
                    public String toString() {
                        return "MyOwn()";
                    }
                };
        refused("MyOwn()", new Noise(3, 8, 8), Compose.of(own, new ToTensor()));
        refused("Resize", new Noise(3, 8, 8), Compose.of(new Resize(4, 4), new ToTensor()));
        refused("too large", new Noise(3, 100, 100), Compose.of(new ToTensor()));
        refused("empty", new Noise(0, 8, 8), Compose.of(new ToTensor()));
        DataLoader loader = new DataLoader(new Noise(3, 8, 8), Compose.of(new ToTensor()));
        assertTrue(loader.obstacleTo(Device.cpu()).orElseThrow().contains("backend"));
        assertTrue(loader.obstacleTo(cuda).isEmpty());
    }

    private static void refused(String reason, Dataset dataset, Compose transforms) {
        DataLoader loader = new DataLoader(dataset, transforms);
        assertTrue(loader.obstacleTo(cuda).orElseThrow().contains(reason));
        var e = assertThrows(IllegalArgumentException.class, () -> loader.residentOn(cuda));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
