package org.jlab.jiriaf.jrm;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a deployer and its backends, counts the calls, and lets one of them fail, or all from one on as if the backend
 * had died.
 */
final class Faults {

    private final List<String> calls = new ArrayList<>();
    private int failAt = Integer.MAX_VALUE;
    private @Nullable String dead;
    private boolean dies;

    /** The calls so far, such as {@code WorkflowStore.add}. */
    List<String> calls() {
        return calls;
    }

    void failAt(int call) {
        failAt = call;
    }

    /** From this call on the backend that it goes to does not answer any more. */
    void dieAt(int call) {
        failAt = call;
        dies = true;
    }

    void revive() {
        failAt = Integer.MAX_VALUE;
        dead = null;
    }

    <T> T between(Class<T> type, T backend) {
        return between(type, type.getSimpleName(), backend);
    }

    private <T> T between(Class<T> type, String backendName, T backend) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.invoke(backend, arguments);
                    }
                    boolean part = method.getReturnType().isInterface()
                            && method.getReturnType().getPackageName().startsWith("org.jlab.jiriaf.jrm");
                    // What hands out a part of the backend does not talk to it yet.
                    if (!part || method.getParameterCount() > 0) {
                        count(backendName, type.getSimpleName() + "." + method.getName());
                    }
                    Object result = invoke(backend, method, arguments);
                    return part && result != null ? wrap(method.getReturnType(), backendName, result) : result;
                });
        return type.cast(proxy);
    }

    private <T> Object wrap(Class<T> type, String backendName, Object backend) {
        return between(type, backendName, type.cast(backend));
    }

    private void count(String backendName, String call) {
        calls.add(call);
        if (calls.size() - 1 == failAt && dies) {
            dead = backendName;
        }
        if (calls.size() - 1 == failAt || backendName.equals(dead)) {
            throw new JrmException(call + " failed on purpose", null, true);
        }
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
