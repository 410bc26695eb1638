package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.data.Image;
import io.github.cortado.vision.Augmentation;
import io.github.cortado.vision.AutoAugment;
import io.github.cortado.vision.AutoAugmentPolicy;
import io.github.cortado.vision.Draws;
import io.github.cortado.vision.GaussianBlur;
import io.github.cortado.vision.PaddingMode;
import io.github.cortado.vision.PictureTransform;
import io.github.cortado.vision.RandAugment;
import io.github.cortado.vision.RandomAdjustSharpness;
import io.github.cortado.vision.RandomApply;
import io.github.cortado.vision.RandomAutocontrast;
import io.github.cortado.vision.RandomCrop;
import io.github.cortado.vision.RandomEqualize;
import io.github.cortado.vision.RandomErasing;
import io.github.cortado.vision.RandomGrayscale;
import io.github.cortado.vision.RandomInvert;
import io.github.cortado.vision.RandomPosterize;
import io.github.cortado.vision.RandomResizedCrop;
import io.github.cortado.vision.RandomSolarize;
import io.github.cortado.vision.RandomVerticalFlip;
import io.github.cortado.vision.Transforms;
import io.github.cortado.vision.TrivialAugmentWide;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Transforms with given parameters beside torchvision's pixels: the same bytes. */
class AugmentOracleTest {
    @Test
    void everyCaseHasTorchvisionsBytes() throws IOException, URISyntaxException {
        OracleDirectory directory =
                new OracleDirectory(
                        Path.of(
                                        AugmentOracleTest.class
                                                .getResource("/oracle/augment/augment.json")
                                                .toURI())
                                .getParent());
        Map<String, Tensor> tensors = directory.tensors("augment.safetensors");
        Map<String, Integer> counts = new TreeMap<>();
        for (Map<String, Object> c : directory.cases("augment.json")) {
            String name = (String) c.get("case");
            String op = (String) c.get("op");
            Image image = picture((String) c.get("image"), tensors);
            Image before = image.copy();
            Image expected = picture(name, tensors);
            Image actual = apply(op, new Attributes((Map<?, ?>) c.get("attrs")), image);
            assertEquals(expected.toString(), actual.toString(), name);
            Attributes attributes = new Attributes((Map<?, ?>) c.get("attrs"));
            byte[] bytes = actual.toBytes();
            if (attributes.has("other_way")) {
                for (int i : attributes.integers("other_way")) {
                    assertEquals(1, Math.abs(bytes[i] - expected.toBytes()[i]), name);
                    bytes[i] = expected.toBytes()[i];
                }
            }
            assertArrayEquals(expected.toBytes(), bytes, name);
            assertEquals(before, image, name + " changed the given picture");
            counts.merge(op, 1, Integer::sum);
        }
        System.out.println("Transforms beside torchvision's: " + counts);
        assertTrue(counts.values().stream().allMatch(n -> n >= 4), counts.toString());
    }

    private static Image picture(String name, Map<String, Tensor> tensors) {
        Tensor tensor = tensors.get(name);
        assertTrue(tensor != null, "there is no tensor " + name);
        return Image.of(tensor.toBytes(), tensor.dim(1), tensor.dim(2));
    }

    /** The parameters of a case. */
    private record Attributes(Map<?, ?> map) {
        int[] integers(String name) {
            return ((List<?>) map.get(name))
                    .stream().mapToInt(n -> ((Number) n).intValue()).toArray();
        }

        PaddingMode mode(String name) {
            return PaddingMode.valueOf(((String) map.get(name)).toUpperCase(Locale.ROOT));
        }

        double number(String name) {
            return ((Number) map.get(name)).doubleValue();
        }

        double number(String name, int i) {
            return ((Number) ((List<?>) map.get(name)).get(i)).doubleValue();
        }

        /** Of seed, epoch and index. */
        Draws draws() {
            int[] d = integers("draws");
            return new Draws(d[0]).at(d[1], d[2]);
        }

        boolean has(String name) {
            return map.containsKey(name);
        }
    }

    private static Image apply(String op, Attributes a, Image image) {
        return switch (op) {
            case "crop" -> {
                int[] box = a.integers("box");
                yield Transforms.crop(image, box[0], box[1], box[2], box[3]);
            }
            case "center_crop" -> {
                int[] size = a.integers("size");
                yield Transforms.centerCrop(image, size[0], size[1]);
            }
            case "pad" -> {
                int[] p = a.integers("padding");
                yield Transforms.pad(
                        image, p[0], p[1], p[2], p[3], a.mode("mode"), a.integers("fill"));
            }
            case "random_crop" -> randomCrop(a, image);
            case "grayscale" -> Transforms.grayscale(image);
            case "resized_crop" -> {
                int[] box = a.integers("box");
                int[] size = a.integers("size");
                yield Transforms.resizedCrop(
                        image, box[0], box[1], box[2], box[3], size[0], size[1]);
            }
            case "erase" -> {
                int[] box = a.integers("box");
                yield Transforms.erase(image, box[0], box[1], box[2], box[3], a.integers("value"));
            }
            case "vflip" -> Transforms.vflip(image);
            case "autocontrast" -> Transforms.autocontrast(image);
            case "equalize" -> Transforms.equalize(image);
            case "invert" -> Transforms.invert(image);
            case "posterize" -> Transforms.posterize(image, (int) a.number("bits"));
            case "solarize" -> Transforms.solarize(image, a.number("threshold"));
            case "adjust_sharpness" -> Transforms.adjustSharpness(image, a.number("factor"));
            case "gaussian_blur" -> {
                int[] kernel = a.integers("kernel");
                yield Transforms.gaussianBlur(
                        image, kernel[0], kernel[1], a.number("sigma", 0), a.number("sigma", 1));
            }
            case "augmentation" ->
                    Augmentation.values()[(int) a.number("operation")].apply(
                            image, a.number("magnitude"));
            default -> random(op, a).apply(image, a.draws());
        };
    }

    /** Whole transforms, whose draws torchvision was given. */
    private static PictureTransform random(String op, Attributes a) {
        return switch (op) {
            case "random_resized_crop" -> {
                int[] size = a.integers("size");
                RandomResizedCrop crop = new RandomResizedCrop(size[0], size[1]);
                yield a.has("scale")
                        ? crop.scale(a.number("scale", 0), a.number("scale", 1))
                                .ratio(a.number("ratio", 0), a.number("ratio", 1))
                        : crop;
            }
            case "random_erasing" -> {
                RandomErasing erasing = new RandomErasing(a.number("p"));
                if (a.has("scale")) {
                    erasing =
                            erasing.scale(a.number("scale", 0), a.number("scale", 1))
                                    .ratio(a.number("ratio", 0), a.number("ratio", 1));
                }
                yield a.has("value") ? erasing.value(a.integers("value")) : erasing;
            }
            case "random_gaussian_blur" -> {
                int[] kernel = a.integers("kernel");
                yield new GaussianBlur(kernel[0], kernel[1])
                        .sigma(a.number("sigma", 0), a.number("sigma", 1));
            }
            case "random_vertical_flip" -> new RandomVerticalFlip(a.number("p"));
            case "random_autocontrast" -> new RandomAutocontrast(a.number("p"));
            case "random_equalize" -> new RandomEqualize(a.number("p"));
            case "random_invert" -> new RandomInvert(a.number("p"));
            case "random_posterize" -> new RandomPosterize((int) a.number("bits"), a.number("p"));
            case "random_solarize" -> new RandomSolarize(a.number("threshold"), a.number("p"));
            case "random_adjust_sharpness" ->
                    new RandomAdjustSharpness(a.number("factor"), a.number("p"));
            case "rand_augment" ->
                    new RandAugment(
                            (int) a.number("num_ops"),
                            (int) a.number("magnitude"),
                            (int) a.number("num_magnitude_bins"));
            case "trivial_augment_wide" ->
                    new TrivialAugmentWide((int) a.number("num_magnitude_bins"));
            case "auto_augment" ->
                    new AutoAugment(AutoAugmentPolicy.valueOf((String) a.map.get("policy")));
            case "random_apply" ->
                    new RandomApply(
                            List.of(
                                    new RandomGrayscale(0.5),
                                    new RandomErasing(0.5).value(9),
                                    new RandomVerticalFlip(0.5)),
                            a.number("p"));
            case "random_grayscale" -> new RandomGrayscale(a.number("p"));
            default -> throw new AssertionError("unknown op " + op);
        };
    }

    private static Image randomCrop(Attributes a, Image image) {
        int[] size = a.integers("size");
        int[] place = a.integers("place");
        RandomCrop crop = new RandomCrop(size[0], size[1]);
        if (a.has("fill")) {
            crop = crop.fill(a.integers("fill"));
        }
        if (a.has("padding_mode")) {
            crop = crop.paddingMode(a.mode("padding_mode"));
        }
        if (a.has("padding")) {
            int[] p = a.integers("padding");
            crop = crop.padding(p[0], p[1], p[2], p[3]);
        }
        return crop.padIfNeeded(a.has("pad_if_needed")).apply(image, place[0], place[1]);
    }
}
