package io.github.cortado.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Compares every transform with torchvision's pixels: {@code transforms.json} of the oracle. */
class TransformOracleTest {
    @Test
    void everyCaseAgreesWithTorchvision() throws IOException {
        Path directory = OracleDirectory.find();
        List<?> manifest =
                (List<?>) Json.parse(Files.readString(directory.resolve("transforms.json")));
        Pictures pictures = new Pictures(directory.resolve("transforms.safetensors"));
        Set<String> seen = new HashSet<>();
        for (Object entry : manifest) {
            Map<?, ?> testCase = (Map<?, ?>) entry;
            String name = (String) testCase.get("case");
            assertTrue(seen.add(name), "case " + name + " is there twice");
            compare(testCase, name, pictures);
        }
        System.out.println("transforms: " + seen.size() + " cases of " + directory);
        assertTrue(seen.size() > 0, "no case in " + directory);
    }

    private static void compare(Map<?, ?> testCase, String name, Pictures pictures) {
        Object image = testCase.get("image");
        Image input =
                pictures.get(
                        image instanceof Double number
                                ? "image" + number.intValue()
                                : (String) image);
        Image expected = pictures.get(name);
        String op = (String) testCase.get("op");
        Image actual = apply(op, (Map<?, ?>) testCase.get("attrs"), input);
        assertEquals(expected.toString(), actual.toString(), name);
        int different = 0;
        int furthest = 0;
        byte[] e = expected.toBytes();
        byte[] a = actual.toBytes();
        for (int i = 0; i < e.length; i++) {
            different += e[i] == a[i] ? 0 : 1;
            furthest = Math.max(furthest, Math.abs((e[i] & 0xff) - (a[i] & 0xff)));
        }
        if (different > 0) {
            System.out.printf(
                    "transforms: %s differs in %d of %d bytes, by at most %d%n",
                    name, different, e.length, furthest);
        }
        switch (op) {
            case "resize" -> assertTrue(furthest <= 1, name + " is off by " + furthest);
            case "rotate", "affine", "chain" ->
                    assertTrue(different <= e.length * 0.005, name + " differs in " + different);
            default -> assertEquals(0, different, name);
        }
    }

    private static Image apply(String op, Map<?, ?> attrs, Image image) {
        checkNearest(op, attrs);
        return switch (op) {
            case "hflip" -> Functional.hflip(image);
            case "rotate" -> Functional.rotate(image, number(attrs, "angle"));
            case "affine" -> {
                List<?> translate = (List<?>) attrs.get("translate");
                yield affine(image, attrs, translate);
            }
            case "adjust_brightness" -> Functional.adjustBrightness(image, number(attrs, "factor"));
            case "adjust_contrast" -> Functional.adjustContrast(image, number(attrs, "factor"));
            case "adjust_saturation" -> Functional.adjustSaturation(image, number(attrs, "factor"));
            case "resize" -> {
                List<?> size = (List<?>) attrs.get("size");
                yield Functional.resize(image, integer(size.get(0)), integer(size.get(1)));
            }
            case "chain" -> {
                Image result = image;
                for (Object step : (List<?>) attrs.get("order")) {
                    result = chained((String) step, attrs, result);
                }
                yield result;
            }
            default -> throw new AssertionError("unknown op " + op);
        };
    }

    private static void checkNearest(String op, Map<?, ?> attrs) {
        Object interpolation = attrs.get("interpolation");
        String expected = op.equals("resize") ? "bilinear" : "nearest";
        assertTrue(
                interpolation == null || interpolation.equals(expected),
                op + " with interpolation " + interpolation);
        Object fill = attrs.get("fill");
        assertTrue(fill == null || fill.equals(0.0), op + " with fill " + fill);
        assertTrue(!Boolean.FALSE.equals(attrs.get("antialias")), op + " without antialias");
        Set<String> known =
                Set.of(
                        "interpolation",
                        "fill",
                        "antialias",
                        "angle",
                        "translate",
                        "scale",
                        "shear",
                        "factor",
                        "size",
                        "order",
                        "brightness",
                        "contrast",
                        "saturation");
        assertTrue(known.containsAll(attrs.keySet()), op + " with attributes " + attrs.keySet());
    }

    private static Image chained(String step, Map<?, ?> attrs, Image image) {
        return switch (step) {
            case "hflip" -> Functional.hflip(image);
            case "rotate" -> Functional.rotate(image, number(attrs, "angle"));
            case "affine" ->
                    Functional.affine(
                            image,
                            0,
                            0,
                            0,
                            number(attrs, "scale"),
                            shear(attrs, 0),
                            shear(attrs, 1));
            case "brightness" -> Functional.adjustBrightness(image, number(attrs, step));
            case "contrast" -> Functional.adjustContrast(image, number(attrs, step));
            case "saturation" -> Functional.adjustSaturation(image, number(attrs, step));
            default -> throw new AssertionError("unknown step " + step);
        };
    }

    private static Image affine(Image image, Map<?, ?> attrs, List<?> translate) {
        return Functional.affine(
                image,
                number(attrs, "angle"),
                integer(translate.get(0)),
                integer(translate.get(1)),
                number(attrs, "scale"),
                shear(attrs, 0),
                shear(attrs, 1));
    }

    private static double shear(Map<?, ?> attrs, int axis) {
        return (Double) ((List<?>) attrs.get("shear")).get(axis);
    }

    private static double number(Map<?, ?> attrs, String name) {
        return (Double) attrs.get(name);
    }

    private static int integer(Object value) {
        return ((Double) value).intValue();
    }

    /** The uint8 tensors [3, h, w] of a safetensors file. */
    private static final class Pictures {
        private final ByteBuffer bytes;
        private final Map<?, ?> header;
        private final int start;

        Pictures(Path file) throws IOException {
            bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int length = Math.toIntExact(bytes.getLong(0));
            start = 8 + length;
            header =
                    (Map<?, ?>)
                            Json.parse(
                                    new String(bytes.array(), 8, length, StandardCharsets.UTF_8));
        }

        Image get(String name) {
            Map<?, ?> entry = (Map<?, ?>) header.get(name);
            assertTrue(entry != null, "there is no tensor " + name);
            assertEquals("U8", entry.get("dtype"), name);
            List<?> shape = (List<?>) entry.get("shape");
            int height = integer(shape.get(1));
            int width = integer(shape.get(2));
            int offset = start + integer(((List<?>) entry.get("data_offsets")).get(0));
            Image image = new Image(height, width);
            image.set(bytes.array(), offset, height, width);
            return image;
        }
    }
}
