package org.jlab.jiriaf.jrm.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The layers of jrm: which package may use which. */
class LayersTest {

    private static final String ROOT = "org.jlab.jiriaf.jrm";

    /** Types that a package may have at most, so that a reader takes it in at one look. */
    private static final int LARGEST_PACKAGE = 25;

    private static final String[] BACKENDS = {ROOT + ".ssh..", ROOT + ".store..", ROOT + ".k8s.."};

    private static final String[] PROGRAM = {ROOT + ".app..", ROOT + ".examples.."};

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().assignedFrom(new Packages()).should().beFreeOfCycles().check(classes);
    }

    @Test
    void coreKnowsNoBackendAndNoProgram() {
        noClasses()
                .that(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(BACKENDS))
                        .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(PROGRAM))))
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(BACKENDS)
                        .or(JavaClass.Predicates.resideInAnyPackage(PROGRAM)))
                .check(classes);
    }

    @Test
    void backendsKnowNeitherEachOtherNorTheProgram() {
        for (String backend : BACKENDS) {
            noClasses()
                    .that()
                    .resideInAPackage(backend)
                    .should()
                    .dependOnClassesThat(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(backend))
                            .and(JavaClass.Predicates.resideInAnyPackage(BACKENDS)
                                    .or(JavaClass.Predicates.resideInAnyPackage(PROGRAM))))
                    .check(classes);
        }
    }

    @Test
    void backendsUseOfCoresInternalsOnlyItsHelpers() {
        noClasses()
                .that()
                .resideInAnyPackage(BACKENDS)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".deploy.internal..")
                .check(classes);
    }

    @Test
    void examplesUsePublicApiOnly() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".examples")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + "..internal..", ROOT + ".app..")
                .check(classes);
    }

    @Test
    void packagesAreSmallEnoughToRead() {
        Map<String, Long> sizes = classes.stream()
                .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
                .filter(type -> !type.getPackageName().startsWith(ROOT + ".app.cli"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(sizes).allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(LARGEST_PACKAGE));
        assertThat(sizes.get(ROOT)).isLessThanOrEqualTo(3);
    }

    /** Each package is a slice; what deploys and its internals are one, the only pair that sees each other. */
    private static final class Packages implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String name = type.getPackageName();
            return SliceIdentifier.of(name.equals(ROOT + ".deploy.internal") ? ROOT + ".deploy" : name);
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
