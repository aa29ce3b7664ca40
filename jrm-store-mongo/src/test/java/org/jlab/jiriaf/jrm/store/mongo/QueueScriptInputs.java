package org.jlab.jiriaf.jrm.store.mongo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jspecify.annotations.Nullable;

/** Adapter files, templates and site settings, of which FireWorks and jrm are to make the same queue script. */
final class QueueScriptInputs {

    /**
     * One input.
     *
     * @param label what is special about it; an entry of the list of differences names it
     * @param adapter bytes of the adapter file, in base64
     * @param template bytes of the template, in base64
     */
    record Input(String label, String file, String adapter, String template, QueueSettings stored) {}

    static final QueueSettings STORED =
            new QueueSettings("ornl_jrm-a1b2c3d4", "00:05:00", 2, null, null, null, null, "echo one\necho two");

    private static final String HEAD =
            "_fw_name: CommonAdapter\n_fw_q_type: SLURM\nrocket_launch: rlaunch -c /c singleshot\n";
    private static final String TEMPLATE = "x=$${x}\n$${rocket_launch}\n";

    /** Values that FireWorks prints. */
    static final List<String> SCALARS =
            """
            ~|null|NULL|yes|no|on|off|y|true|True|TRUE|tRUE|false|0|00|010|08|0o10|0o8|0x1F|0X1F|0b11|0b2|+5|-3|-0|-010|-0x1f
            1_000|1__0|_1|12:00:00|00:05:00|1-00:00:00|1:30|190:20:30.15|1.5|1.|1.0|.5|-.5|+.5|._5|5._|1e3|1E3|1e+3|1.e5|1e05
            1.5e300|1e15|1e16|1e22|1e23|2e-3|5.684341886080802e-14|123456789012345678.0|1e-5|0.0001|0.00012345|1_0.5|0.1|1e400
            4.9e-324|1.7976931348623157e308|100.0|-0.0|.inf|-.inf|+.inf|.nan|.NaN|1.2.3|1e|1e5.5|123456789012345678901234567890
            2020-01-01|2020-1-1|2020-01-01 00:00:00|2020-01-01T10:20:30|2020-01-01 00:00:00.5|2020-1-1 1:00:00|'2020-01-01T00:00:00'
            '2020-01-01T00:00:00.25'|'2020-1-1T0:0:0'|'2020-13-01T00:00:00'|[a, 1, ~]|{a: 1, b: [x]}|[]|{}|[1.0, true, .inf, 010]
            ["it's", 'q"', "q\\"'", "a\\n\\t\\\\", é, "\\u200b", "\\x07", "\\U0001F600"]|[2020-01-01, 2020-01-01 10:00:00, 2020-01-01 1:02:03.5]
            !!str 5|!!str 010|!!int '5'|!!float 5|!!bool 'yes'|!!null ''|!!null x|!!str ~|!!str|!!timestamp 2020-01-01|'5'|"~"|''|""
            a$b|${x}|a$$b|$${nodes}|'{x'|"a\\tb"|"\\e"|é|'a #b'|a #b|a#b|a: |&a 5|1,000|cpu&gpu|gpu|'gpu&hbm80g'|"\\\\"|a\\b|+|.|..|-a
            a b  c|'it''s'|"[a]"|null x|~x|1 2|0x|0o|1.5e|<<x|=x|-1.5e-7|-1_0|+0|m0000|regular|/home/u/f
            """.lines().flatMap(line -> List.of(line.split("\\|")).stream()).toList();

    private static final List<String> REFUSED_SCALARS =
            """
            =|<<|*a|%x|@x|`x|- x|? x|a: b|'a'b|-|!foo bar|!!python/object:os.system x|!!int abc|!!int 12:00:00|!!float abc
            !!float 1:30.5|!!bool maybe|2020-13-01|2020-01-01 25:00:00|._|+_|{a: 1, a: 2}|"\\x"|[a|{a|'a|"a|!!binary aGk=
            2020-01-01T00:00:00Z|2020-01-01 00:00:00 -5|2020-01-01T00:00:00+02:00|'2020-01-01T00:00:00Z'|'20200101T00'
            !!set {a, b}|!!omap [a: 1]|"\\ud83d\\ude00"
            """.lines().flatMap(line -> List.of(line.split("\\|")).stream()).toList();

    private static final List<String> TEMPLATES = List.of(
            "$$x",
            "$$x.",
            "$$$${x}",
            "$$${x}",
            "$$$x",
            "$$$$x",
            "$${x",
            "$${ x}",
            "$${X}",
            "$$X",
            "$${x-y}",
            "$$",
            "a$$",
            "$$ x",
            "$x ${x}",
            "${x:-a}",
            "}",
            "{",
            "{}",
            "{x",
            "{{",
            "}}",
            "{}}",
            "x}",
            "{a[}]}",
            "{a[}",
            "{a!r}",
            "{a!rr}",
            "{a!",
            "{a!r",
            "{a:{b}}",
            "{a:{b}",
            "{a:b",
            "{a{b}}",
            "f() { echo; }",
            "awk '{print $1}'",
            "${x%}}",
            "${x%%:*}",
            "{!}",
            "{:}",
            "{a!r:x}",
            "{[}",
            "{]}",
            "$${\u017f}",
            "$${\u212ax}",
            "$$\u00e9",
            "\r\nx$${x}\r\n",
            "a\rb$${x}\rc",
            "\ufeff$${x}",
            "\u00e9$${x}",
            "no newline $${x}",
            "\n\n$${x}\n\n",
            "$${x}$${nope}",
            "$${x} $$",
            "x\0y",
            "\fx\u000b$${x}",
            "\u0085$${x}",
            "\u2028$${x}",
            "$${x}\u2028$$",
            "",
            "$${job_name} $${launch_dir}",
            "{0}{}",
            "{\n}",
            "{{}",
            "{}{",
            "$${x}{",
            "a!b:c",
            "{a!\ud83d\ude00}",
            "$${_q_commands_override}",
            "$${_fw_name}$${_fwx}",
            "$${_x}",
            "$$nodes,$$job_name",
            "$${pre_rocket}$$x",
            "\t$${x}\t",
            "$${x}\\$${x}",
            "$1\\1$${x}");

    private QueueScriptInputs() {}

    static List<Input> handListed() {
        List<Input> inputs = new ArrayList<>();
        SCALARS.forEach(scalar -> inputs.add(file(scalar, HEAD + "x: " + scalar + "\n")));
        REFUSED_SCALARS.forEach(scalar -> inputs.add(file(scalar, HEAD + "x: " + scalar + "\n")));
        TEMPLATES.forEach(template -> inputs.add(template(template, base64(template))));
        inputs.add(template(
                "template in Latin-1",
                Base64.getEncoder().encodeToString("\u00e9 $${x}\n".getBytes(StandardCharsets.ISO_8859_1))));
        addFiles(inputs);
        return inputs;
    }

    private static void addFiles(List<Input> inputs) {
        Map.ofEntries(
                        Map.entry("key twice", "x: 1\nx: 2\n"),
                        Map.entry("key twice, same value", "x: 1\nx: 1\n"),
                        Map.entry("merge", "b: &b {x: 1, y: 2}\n<<: *b\n"),
                        Map.entry("merge and own", "b: &b {x: 1}\nx: 5\n<<: *b\n"),
                        Map.entry("merge of a list", "b: &b {x: 1}\nc: &c {x: 2}\n<<: [*b, *c]\n"),
                        Map.entry("merge in a value", "b: &b {k: 1, l: 2}\nx: {m: 3, <<: *b, k: 4}\n"),
                        Map.entry("merge twice", "b: &b {x: 1}\n<<: *b\n<<: *b\n"),
                        Map.entry("merge and own twice", "b: &b {x: 1}\n<<: *b\nx: 2\nx: 3\n"),
                        Map.entry("merge of text", "<<: x\n"),
                        Map.entry("merge of a list of text", "<<: [x]\n"),
                        Map.entry("merge key in quotes", "'<<': {x: 5}\n"),
                        Map.entry("anchor twice", "y: &a 1\nz: &a 2\nx: *a\n"),
                        Map.entry("list in itself", "x: &a [*a]\n"),
                        Map.entry("tab as indentation", "x:\n\t5\n"),
                        Map.entry("tab before a key", "\tx: 5\n"),
                        Map.entry("tab after a colon", "x:\t5\n"),
                        Map.entry("tab behind a value", "x: 5\t\n"),
                        Map.entry("tab alone", "x: 5\n\t\n"),
                        Map.entry("tab before a comment", "x: 5\t# c\n"),
                        Map.entry("tab in a comment", "x: 5 # \tc\n#\td\n"),
                        Map.entry("tab in quotes", "x: 'a\tb'\n"),
                        Map.entry("tab in a text block", "x: |-\n  a\tb\n"),
                        Map.entry("tab in a plain text", "x: a\tb\n"),
                        Map.entry("no blank", "x:5\n"),
                        Map.entry("two documents", "---\nx: 1\n"),
                        Map.entry("end of document", "x: 1\n...\n"),
                        Map.entry("NUL", "x: a\0b\n"),
                        Map.entry("bell", "x: a\u0007b\n"),
                        Map.entry("next line", "x: a\u0085b\n"),
                        Map.entry("line separator", "x: a\u2028b\n"),
                        Map.entry("number as key", "5: x\n"),
                        Map.entry("null as key", "~: x\n"),
                        Map.entry("truth as key", "true: x\n"),
                        Map.entry("date as key", "2020-01-01: x\n"),
                        Map.entry("date in quotes as key", "'2020-01-01T00:00:00': x\n"),
                        Map.entry("list as key", "? [a]\n: x\n"),
                        Map.entry("block as key", "? {a: 1}\n: x\n"),
                        Map.entry("q_type", "q_type: PBS\n"),
                        Map.entry("q_name", "q_name: a\n"),
                        Map.entry("template_file", "template_file: a\n"),
                        Map.entry("timeout", "timeout: 5\n"),
                        Map.entry("self", "self: 5\n"),
                        Map.entry("cls", "cls: 5\n"),
                        Map.entry("template file: number", "_fw_template_file: 5\n"),
                        Map.entry("template file: list", "_fw_template_file: [a]\n"),
                        Map.entry("template file: blank", "_fw_template_file:\nx: 1\n"),
                        Map.entry("timeout: text", "_fw_timeout: a\nx: 1\n"),
                        Map.entry("queue name: list", "_fw_q_name: []\nx: 1\n"),
                        Map.entry("commands: block", "_q_commands_override:\n  submit_cmd: q\n  status_cmd: s\nx: 1\n"),
                        Map.entry("commands: empty block", "_q_commands_override: {}\nx: 1\n"),
                        Map.entry("commands: blank", "_q_commands_override:\nx: 1\n"),
                        Map.entry("commands: text", "_q_commands_override: qsub\nx: 1\n"),
                        Map.entry("commands: number", "_q_commands_override: 5\nx: 1\n"),
                        Map.entry("commands: empty list", "_q_commands_override: []\nx: 1\n"),
                        Map.entry("other underscores", "_x: {a: 1}\n_fwx: 5\n_fw: 6\nx: 1\n"),
                        Map.entry("text block", "x: |\n  one\n  two\n"),
                        Map.entry("text block, kept", "x: |+\n  one\n\n"),
                        Map.entry("folded block", "x: >-\n  one\n  two\n"),
                        Map.entry("over two lines", "x: one\n  two\n"),
                        Map.entry("no line end", "x: 5"),
                        Map.entry("job name and folder", "job_name: a\nlaunch_dir: /b\nx: 1\n"))
                .forEach((label, lines) -> inputs.add(file(label, HEAD + lines)));
        inputs.add(file("blank", ""));
        inputs.add(file("list", "- a\n"));
        inputs.add(file("text", "abc\n"));
        inputs.add(file("byte order mark", "\ufeff" + HEAD + "x: 5\n"));
        inputs.add(file("CRLF", (HEAD + "x: 5\n").replace("\n", "\r\n")));
        inputs.add(file("CR", (HEAD + "x: 5\n").replace('\n', '\r')));
        inputs.add(file("%YAML 1.1", "%YAML 1.1\n---\n" + HEAD + "x: 12:00:00\n"));
        inputs.add(file("%YAML 1.2", "%YAML 1.2\n---\n" + HEAD + "x: yes\n"));
        inputs.add(file("%YAML 1.3", "%YAML 1.3\n---\n" + HEAD + "x: yes\n"));
        inputs.add(file("%YAML 2.0", "%YAML 2.0\n---\n" + HEAD + "x: yes\n"));
        for (String name : List.of("", "Foo", "5", "[a]", "ScriptTask", " CommonAdapter ", "commonadapter")) {
            inputs.add(file("adapter " + name, HEAD.replace("CommonAdapter", name)));
        }
        for (String type : List.of("", "slurm", "5", "[SLURM]", "PBS", "Cobalt", "MOAB", "SGE", "'SLURM '")) {
            inputs.add(file("queue type " + type, HEAD.replace("SLURM", type) + "x: 1\n"));
        }
        for (String launch : List.of(
                "",
                "rlaunch rapidfire",
                "5",
                "{singleshot: 1}",
                "true",
                "[singleshot]",
                "singleshot",
                "rlaunch --offline singleshot",
                "|\n  rlaunch singleshot\n  x",
                "'singleshot $$x'")) {
            inputs.add(file("launch " + launch, HEAD.replace("rlaunch -c /c singleshot", launch)));
        }
        for (String key : List.of("_fw_name", "_fw_q_type", "rocket_launch")) {
            inputs.add(file("no " + key, HEAD.replaceAll("(?m)^" + key + ".*\n", "")));
        }
        for (String name : List.of("my_qadapter.yml", "my_qadapter.YAML", "my_qadapter", "qadapter.old.yaml")) {
            inputs.add(input(name, name, HEAD + "x: 5\n", TEMPLATE));
        }
        inputs.add(input("JSON", "my_qadapter.json", """
                {"_fw_name": "CommonAdapter", "_fw_q_type": "SLURM", "rocket_launch": "singleshot", "x": 1.0}
                """, TEMPLATE));
    }

    /** Every template with keys of its own and foreign ones in any order, and site files that leave out any of theirs. */
    static List<Input> generated(List<String> templates, int count) {
        Random random = new Random(15);
        List<Input> inputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String template = templates.get(i % templates.size());
            List<String> keys = new ArrayList<>(List.of("logdir", "unknown", "_mine", "reservation", "pre_rocket"));
            Matcher placeholder = Pattern.compile("\\$\\$\\{(\\w+)}").matcher(template);
            while (placeholder.find()) {
                keys.add(placeholder.group(1));
            }
            StringBuilder adapter = new StringBuilder(HEAD);
            for (String key : keys.stream().distinct().toList()) {
                boolean isOwn = key.equals("rocket_launch");
                if (!isOwn && random.nextInt(3) > 0) {
                    adapter.append(key)
                            .append(": ")
                            .append(one(SCALARS, random))
                            .append('\n');
                }
            }
            QueueSettings stored = new QueueSettings(
                    "site_jrm-" + i,
                    maybe("1-00:00:00", random),
                    1 + random.nextInt(9),
                    maybe("debug", random),
                    maybe("m$1\\2", random),
                    maybe("gpu&hbm80g", random),
                    maybe("2020-01-01T00:00:00", random),
                    maybe("echo $HOME\necho $$ lost\nf() { echo \u00e9; }", random));
            inputs.add(new Input(
                    "generated " + i + "\n" + adapter + stored,
                    "my_qadapter.yaml",
                    base64(adapter.toString().replaceAll("&a ", "")),
                    base64(template),
                    stored));
        }
        return inputs;
    }

    private static String one(List<String> values, Random random) {
        return values.get(random.nextInt(values.size()));
    }

    private static @Nullable String maybe(String value, Random random) {
        return random.nextBoolean() ? value : null;
    }

    private static Input file(String label, String adapter) {
        return input(label, "my_qadapter.yaml", adapter, TEMPLATE);
    }

    private static Input template(String label, String template) {
        String adapter = HEAD + "x: 5\n_q_commands_override: {submit_cmd: q}\n";
        return new Input(label, "my_qadapter.yaml", base64(adapter), template, STORED);
    }

    private static Input input(String label, String file, String adapter, String template) {
        return new Input(label, file, base64(adapter), base64(template), STORED);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
