using System.Runtime.InteropServices;

namespace Weir.Agent.Net.Tls;

/// <summary>
/// The calls of OpenSSL 3 with which a loop speaks TLS (openssl.org, section 3 of its manual). The framework's own cryptography stands on the same two libraries; its streams, though, cost a
/// task, a thread's hand-over and two copies for every record.
/// </summary>
internal static unsafe partial class OpenSsl
{
    public const int ErrorSsl = 1;
    public const int ErrorWantRead = 2;
    public const int ErrorWantWrite = 3;
    public const int ErrorZeroReturn = 6;

    public const int ControlMode = 33;
    public const int ControlSessionCache = 44;
    public const int ControlExtraChainCertificate = 14;
    public const int ControlMinimumVersion = 123;
    public const int Tls12 = 0x0303;
    public const int VerifyPeer = 1;

    /// <summary>SSL_MODE_ENABLE_PARTIAL_WRITE, ACCEPT_MOVING_WRITE_BUFFER, AUTO_RETRY and RELEASE_BUFFERS.</summary>
    public const int Modes = 0x1 | 0x2 | 0x4 | 0x10;

    /// <summary>SSL_OP_NO_TICKET, NO_COMPRESSION, CIPHER_SERVER_PREFERENCE and NO_RENEGOTIATION.</summary>
    public const ulong Options = (1UL << 14) | (1UL << 17) | (1UL << 22) | (1UL << 30);

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    private static readonly Lazy<bool> Found = new(() => NativeLibrary.TryLoad(Ssl, out _) && NativeLibrary.TryLoad(Crypto, out _));

    /// <summary>Both libraries are there.</summary>
    public static bool IsAvailable => Found.Value;

    [LibraryImport(Ssl, EntryPoint = "TLS_server_method")]
    public static partial nint ServerMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    public static partial nint ContextNew(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void ContextFree(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint ContextControl(nint context, int command, nint number, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_options")]
    public static partial ulong ContextSetOptions(nint context, ulong options);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_num_tickets")]
    public static partial int ContextSetTickets(nint context, nuint count);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_certificate_ASN1")]
    public static partial int ContextUseCertificate(nint context, int length, byte* der);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_PrivateKey")]
    public static partial int ContextUsePrivateKey(nint context, nint key);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_check_private_key")]
    public static partial int ContextCheckPrivateKey(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_alpn_select_cb")]
    public static partial void ContextSetAlpn(nint context, delegate* unmanaged<nint, byte**, byte*, byte*, uint, nint, int> select, nint argument);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_verify")]
    public static partial void ContextSetVerify(nint context, int mode, nint callback);

    /// <summary>Takes the place of everything that OpenSSL would look at in the peer's certificates.</summary>
    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_cert_verify_callback")]
    public static partial void ContextSetCertificateVerify(nint context, delegate* unmanaged<nint, nint, int> verify, nint argument);

    [LibraryImport(Ssl, EntryPoint = "SSL_new")]
    public static partial nint New(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_free")]
    public static partial void Free(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_accept_state")]
    public static partial void SetAcceptState(nint ssl);

    /// <summary>Both BIOs belong to the connection from here on.</summary>
    [LibraryImport(Ssl, EntryPoint = "SSL_set_bio")]
    public static partial void SetBio(nint ssl, nint input, nint output);

    [LibraryImport(Ssl, EntryPoint = "SSL_read")]
    public static partial int Read(nint ssl, byte* buffer, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_write")]
    public static partial int Write(nint ssl, byte* data, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_error")]
    public static partial int GetError(nint ssl, int result);

    [LibraryImport(Ssl, EntryPoint = "SSL_shutdown")]
    public static partial int Shutdown(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_get0_alpn_selected")]
    public static partial void GetAlpn(nint ssl, byte** name, uint* length);

    /// <summary>The peer's own; 0 when it has shown none. To be freed.</summary>
    [LibraryImport(Ssl, EntryPoint = "SSL_get1_peer_certificate")]
    public static partial nint GetPeerCertificate(nint ssl);

    [LibraryImport(Crypto, EntryPoint = "BIO_s_mem")]
    public static partial nint MemoryBio();

    [LibraryImport(Crypto, EntryPoint = "BIO_new")]
    public static partial nint BioNew(nint method);

    [LibraryImport(Crypto, EntryPoint = "BIO_free")]
    public static partial int BioFree(nint bio);

    [LibraryImport(Crypto, EntryPoint = "BIO_write")]
    public static partial int BioWrite(nint bio, byte* data, int length);

    [LibraryImport(Crypto, EntryPoint = "BIO_read")]
    public static partial int BioRead(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto, EntryPoint = "BIO_ctrl_pending")]
    [SuppressGCTransition]
    public static partial nuint BioPending(nint bio);

    [LibraryImport(Crypto, EntryPoint = "d2i_AutoPrivateKey")]
    public static partial nint ReadPrivateKey(nint none, byte** der, nint length);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    [LibraryImport(Crypto, EntryPoint = "d2i_X509")]
    public static partial nint ReadCertificate(nint none, byte** der, nint length);

    /// <summary>Belongs to the certificate.</summary>
    [LibraryImport(Crypto, EntryPoint = "X509_get_X509_PUBKEY")]
    public static partial nint GetPublicKey(nint certificate);

    /// <summary>DER of the SubjectPublicKeyInfo; without a target its length alone.</summary>
    [LibraryImport(Crypto, EntryPoint = "i2d_X509_PUBKEY")]
    public static partial int WritePublicKey(nint key, byte** target);

    [LibraryImport(Crypto, EntryPoint = "X509_free")]
    public static partial void FreeCertificate(nint certificate);

    [LibraryImport(Crypto, EntryPoint = "ERR_clear_error")]
    [SuppressGCTransition]
    public static partial void ClearErrors();
}
