package org.jlab.jiriaf.jrm.app;

import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.annotation.EnumNaming;
import tools.jackson.databind.json.JsonMapper;

/** JSON as the commands print it and the service speaks it: keys with underscores, times as ISO 8601, nothing unknown read. */
public final class Json {

    /** Reads and writes it. Thread-safe. */
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .addMixIn(ForwardPurpose.Kind.class, SnakeCase.class)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    @EnumNaming(EnumNamingStrategies.SnakeCaseStrategy.class)
    private interface SnakeCase {}

    private Json() {}

    /**
     * Writes a value for people.
     *
     * @param value records, maps, lists, texts, numbers, times
     * @return indented JSON
     */
    public static String pretty(Object value) {
        return MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    }
}
