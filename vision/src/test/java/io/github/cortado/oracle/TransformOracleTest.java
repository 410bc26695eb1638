package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.data.Image;
import io.github.cortado.vision.Transforms;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares every transform with torchvision's pixels: {@code transforms.json} of the oracle. */
class TransformOracleTest {
    /** The small directory runs as well where another was chosen: it has cases of its own. */
    static Set<OracleDirectory> directories() throws URISyntaxException {
        URI resource = TransformOracleTest.class.getResource("/oracle/transforms.json").toURI();
        OracleDirectory small = new OracleDirectory(Path.of(resource).getParent());
        OracleDirectory chosen =
                OracleDirectory.find(
                        OracleDirectory.buildRoot(),
                        System.getProperty("cortado.oracle"),
                        "true".equals(System.getenv("CI")),
                        small.path());
        Set<OracleDirectory> all = new LinkedHashSet<>();
        all.add(chosen);
        all.add(small);
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("directories")
    void everyCaseAgreesWithTorchvision(OracleDirectory directory) throws IOException {
        Assumptions.assumeTrue(directory.has("transforms.json"), directory + " has no transforms");
        Map<String, Tensor> tensors = directory.tensors("transforms.safetensors");
        List<Map<String, Object>> cases = directory.cases("transforms.json");
        for (Map<String, Object> testCase : cases) {
            compare(testCase, (String) testCase.get("case"), tensors);
        }
        System.out.println(
                "OracleTest: "
                        + directory.path()
                        + "/transforms.json: "
                        + cases.size()
                        + " cases ran");
        assertTrue(cases.size() > 0, "no case in " + directory.path());
    }

    private static void compare(Map<?, ?> testCase, String name, Map<String, Tensor> tensors) {
        Object image = testCase.get("image");
        String input = image instanceof Number number ? "image" + number : (String) image;
        Image expected = picture(name, tensors);
        String op = (String) testCase.get("op");
        Image actual = apply(op, (Map<?, ?>) testCase.get("attrs"), picture(input, tensors));
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

    private static Image picture(String name, Map<String, Tensor> tensors) {
        Tensor tensor = tensors.get(name);
        assertTrue(tensor != null, "there is no tensor " + name);
        assertEquals(DType.UINT8, tensor.dtype(), name);
        return Image.of(tensor.toBytes(), tensor.dim(1), tensor.dim(2));
    }

    private static Image apply(String op, Map<?, ?> attrs, Image image) {
        checkNearest(op, attrs);
        return switch (op) {
            case "hflip" -> Transforms.hflip(image);
            case "rotate" -> Transforms.rotate(image, number(attrs, "angle"));
            case "affine" -> {
                List<?> translate = (List<?>) attrs.get("translate");
                yield affine(image, attrs, translate);
            }
            case "adjust_brightness" -> Transforms.adjustBrightness(image, number(attrs, "factor"));
            case "adjust_contrast" -> Transforms.adjustContrast(image, number(attrs, "factor"));
            case "adjust_saturation" -> Transforms.adjustSaturation(image, number(attrs, "factor"));
            case "resize" -> {
                List<?> size = (List<?>) attrs.get("size");
                yield Transforms.resize(image, integer(size.get(0)), integer(size.get(1)));
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
        assertTrue(fill == null || fill.equals(0L), op + " with fill " + fill);
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
            case "hflip" -> Transforms.hflip(image);
            case "rotate" -> Transforms.rotate(image, number(attrs, "angle"));
            case "affine" ->
                    Transforms.affine(
                            image,
                            0,
                            0,
                            0,
                            number(attrs, "scale"),
                            shear(attrs, 0),
                            shear(attrs, 1));
            case "brightness" -> Transforms.adjustBrightness(image, number(attrs, step));
            case "contrast" -> Transforms.adjustContrast(image, number(attrs, step));
            case "saturation" -> Transforms.adjustSaturation(image, number(attrs, step));
            default -> throw new AssertionError("unknown step " + step);
        };
    }

    private static Image affine(Image image, Map<?, ?> attrs, List<?> translate) {
        return Transforms.affine(
                image,
                number(attrs, "angle"),
                integer(translate.get(0)),
                integer(translate.get(1)),
                number(attrs, "scale"),
                shear(attrs, 0),
                shear(attrs, 1));
    }

    private static double shear(Map<?, ?> attrs, int axis) {
        return ((Number) ((List<?>) attrs.get("shear")).get(axis)).doubleValue();
    }

    private static double number(Map<?, ?> attrs, String name) {
        return ((Number) attrs.get(name)).doubleValue();
    }

    private static int integer(Object value) {
        return ((Number) value).intValue();
    }
}
