package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import com.hierynomus.sshj.key.KeyAlgorithm;
import com.hierynomus.sshj.key.KeyAlgorithms;
import com.hierynomus.sshj.transport.cipher.ChachaPolyCiphers;
import com.hierynomus.sshj.transport.kex.DHGroups;
import com.hierynomus.sshj.transport.kex.ExtInfoClientFactory;
import com.hierynomus.sshj.transport.mac.Macs;
import java.util.ArrayList;
import java.util.List;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.signature.SignatureRSA;
import net.schmizz.sshj.transport.cipher.Cipher;
import net.schmizz.sshj.transport.kex.Curve25519SHA256;
import net.schmizz.sshj.transport.kex.DHGexSHA256;
import net.schmizz.sshj.transport.kex.ECDHNistP;

/**
 * The algorithms that are offered: those that OpenSSH itself still offers and sshj has, the fastest first. Nothing with
 * SHA-1, MD5, CBC or DSA.
 */
public final class SshjConfig extends DefaultConfig {

    public SshjConfig() {
        setLoggerFactory(new QuietLoggers());
        // HostCertificate does it: sshj does not know aliases, takes wildcards, and does not try the plain key.
        setVerifyHostKeyCertificates(false);
    }

    /** Names of the algorithms for host keys in the order of preference, which is that of OpenSSH. */
    public static List<String> hostKeyAlgorithms() {
        return new SshjConfig()
                .getKeyAlgorithms().stream().map(Factory.Named::getName).toList();
    }

    @Override
    protected void initKeyExchangeFactories() {
        setKeyExchangeFactories(List.of(
                new Curve25519SHA256.Factory(),
                new Curve25519SHA256.FactoryLibSsh(),
                new ECDHNistP.Factory256(),
                new ECDHNistP.Factory384(),
                new ECDHNistP.Factory521(),
                new DHGexSHA256.Factory(),
                DHGroups.Group16SHA512(),
                DHGroups.Group18SHA512(),
                DHGroups.Group14SHA256(),
                new ExtInfoClientFactory()));
    }

    @Override
    protected void initKeyAlgorithms() {
        List<Factory.Named<KeyAlgorithm>> algorithms = new ArrayList<>(List.of(
                KeyAlgorithms.EdDSA25519CertV01(),
                KeyAlgorithms.ECDSASHANistp256CertV01(),
                KeyAlgorithms.ECDSASHANistp384CertV01(),
                KeyAlgorithms.ECDSASHANistp521CertV01(),
                // sshj has RSA certificates with SHA-1 signatures only, which OpenSSH no longer takes.
                new KeyAlgorithms.Factory(
                        "rsa-sha2-512-cert-v01@openssh.com", new SignatureRSA.FactoryRSASHA512(), KeyType.RSA_CERT),
                new KeyAlgorithms.Factory(
                        "rsa-sha2-256-cert-v01@openssh.com", new SignatureRSA.FactoryRSASHA256(), KeyType.RSA_CERT),
                KeyAlgorithms.EdDSA25519(),
                KeyAlgorithms.ECDSASHANistp256(),
                KeyAlgorithms.ECDSASHANistp384(),
                KeyAlgorithms.ECDSASHANistp521(),
                KeyAlgorithms.RSASHA512(),
                KeyAlgorithms.RSASHA256()));
        setKeyAlgorithms(algorithms);
    }

    @Override
    protected void initCipherFactories() {
        List<Factory.Named<Cipher>> ciphers = new ArrayList<>(JdkCiphers.factories());
        ciphers.add(ChachaPolyCiphers.CHACHA_POLY_OPENSSH());
        setCipherFactories(ciphers);
    }

    @Override
    protected void initMACFactories() {
        setMACFactories(List.of(Macs.HMACSHA2256Etm(), Macs.HMACSHA2512Etm(), Macs.HMACSHA2256(), Macs.HMACSHA2512()));
    }
}
