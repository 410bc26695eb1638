package io.github.cortado.ops;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;

/**
 * One test in a process of its own: {@code OneTest CLASS METHOD [ARGUMENT]}. What fails there is an
 * uncaught exception, and the exit code 1.
 */
final class OneTest {
    private OneTest() {}

    /** The whole name of a class of tests. */
    static String in(String tests) {
        return OneTest.class.getPackageName() + "." + tests;
    }

    /** Others may have the name, and come first or not: a class lists its methods in any order. */
    static boolean isMeant(Method m, List<String> test) {
        return m.getName().equals(test.get(1)) && m.getParameterCount() == test.size() - 2;
    }

    /** Runs the method of a test class in this package. */
    public static void main(String[] arguments) throws Throwable {
        Class<?> tests = Class.forName(in(arguments[0]));
        Method test =
                Arrays.stream(tests.getDeclaredMethods())
                        .filter(m -> isMeant(m, List.of(arguments)))
                        .findAny()
                        .orElseThrow();
        test.setAccessible(true);
        Constructor<?> maker = tests.getDeclaredConstructor();
        maker.setAccessible(true);
        Object[] given = Arrays.copyOfRange(arguments, 2, arguments.length);
        try {
            test.invoke(maker.newInstance(), given);
        } catch (InvocationTargetException e) {
            e.getCause().printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }
}
