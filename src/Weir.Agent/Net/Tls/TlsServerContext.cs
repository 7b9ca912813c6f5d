using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Agent.Net.Tls;

/// <summary>
/// What all handshakes under one certificate share: TLS 1.2 or 1.3, no renegotiation, no compression, no resumption (nobody among PostgreSQL's clients resumes), ALPN <c>postgresql</c>.
/// A certificate of the client is asked for and not required; whatever it shows is taken, because it counts by its key alone, which the handshake has proved (see <see cref="TlsSession.PeerKeyHash"/>).
/// </summary>
internal sealed unsafe class TlsServerContext : IDisposable
{
    private const int AlpnAccepted = 0;
    private const int AlpnRefused = 2;

    private nint _context;

    /// <param name="certificate">With its private key, RSA or ECDSA.</param>
    /// <param name="intermediates">Sent behind it.</param>
    /// <exception cref="CryptographicException">OpenSSL does not take certificate or key.</exception>
    public TlsServerContext(X509Certificate2 certificate, X509Certificate2Collection? intermediates)
    {
        _context = RequireObject(OpenSsl.ContextNew(OpenSsl.ServerMethod()));
        try
        {
            Require(OpenSsl.ContextControl(_context, OpenSsl.ControlMinimumVersion, OpenSsl.Tls12, 0));
            OpenSsl.ContextSetOptions(_context, OpenSsl.Options);
            OpenSsl.ContextControl(_context, OpenSsl.ControlMode, OpenSsl.Modes, 0);
            Require(OpenSsl.ContextSetTickets(_context, 0));
            OpenSsl.ContextControl(_context, OpenSsl.ControlSessionCache, 0, 0);
            OpenSsl.ContextSetAlpn(_context, &SelectAlpn, 0);
            OpenSsl.ContextSetVerify(_context, OpenSsl.VerifyPeer, 0);
            OpenSsl.ContextSetCertificateVerify(_context, &AcceptCertificate, 0);
            UseCertificate(certificate);
            UseKey(certificate);
            foreach (var intermediate in intermediates ?? [])
            {
                if (!intermediate.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))
                    AddToChain(intermediate);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            OpenSsl.ClearErrors();
        }
    }

    ~TlsServerContext() => Free();

    /// <summary>SSL_CTX. Connections that were made of it keep it alive.</summary>
    public nint Handle => _context != 0 ? _context : throw new ObjectDisposedException(nameof(TlsServerContext));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static ReadOnlySpan<byte> Alpn => "postgresql"u8;

    private static nint RequireObject(nint pointer) => pointer != 0 ? pointer : throw new CryptographicException("OpenSSL does not take the listener's certificate or settings.");

    private static void Require(nint result) => RequireObject(result == 1 ? 1 : 0);

    // No chain is built: names, dates and issuers of a client's certificate say nothing here, and its bytes are the client's choice.
    [UnmanagedCallersOnly]
    private static int AcceptCertificate(nint store, nint argument) => 1;

    // A client that offers only other protocols means another server (ALPACA); one that offers none is an old one.
    [UnmanagedCallersOnly]
    private static int SelectAlpn(nint ssl, byte** selected, byte* selectedLength, byte* offered, uint offeredLength, nint argument)
    {
        for (uint at = 0; at < offeredLength;)
        {
            var length = offered[at];
            if (length > offeredLength - at - 1)
                break;
            if (new ReadOnlySpan<byte>(offered + at + 1, length).SequenceEqual(Alpn))
            {
                *selected = offered + at + 1;
                *selectedLength = length;
                return AlpnAccepted;
            }

            at += 1u + length;
        }

        return AlpnRefused;
    }

    private void UseCertificate(X509Certificate2 certificate)
    {
        fixed (byte* der = certificate.RawDataMemory.Span)
            Require(OpenSsl.ContextUseCertificate(_context, certificate.RawDataMemory.Length, der));
    }

    private void UseKey(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPrivateKey();
        using var ecdsa = rsa is null ? certificate.GetECDsaPrivateKey() : null;
        var key = ((AsymmetricAlgorithm?)rsa ?? ecdsa ?? throw new CryptographicException("The listener's certificate has no RSA or ECDSA key.")).ExportPkcs8PrivateKey();
        try
        {
            fixed (byte* der = key)
            {
                var at = der;
                var read = RequireObject(OpenSsl.ReadPrivateKey(0, &at, key.Length));
                try
                {
                    Require(OpenSsl.ContextUsePrivateKey(_context, read));
                }
                finally
                {
                    OpenSsl.FreeKey(read);
                }
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        Require(OpenSsl.ContextCheckPrivateKey(_context));
    }

    private void AddToChain(X509Certificate2 intermediate)
    {
        fixed (byte* der = intermediate.RawDataMemory.Span)
        {
            var at = der;
            var read = RequireObject(OpenSsl.ReadCertificate(0, &at, intermediate.RawDataMemory.Length));

            // The context owns it only when it has taken it.
            if (OpenSsl.ContextControl(_context, OpenSsl.ControlExtraChainCertificate, 0, read) == 1)
                return;
            OpenSsl.FreeCertificate(read);
            Require(0);
        }
    }

    private void Free()
    {
        if (_context != 0)
            OpenSsl.ContextFree(_context);
        _context = 0;
    }
}
