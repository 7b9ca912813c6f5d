using System.Security.Cryptography;

namespace Weir.Agent.Net.Tls;

/// <summary>
/// The server's side of one TLS connection, without a socket: records that were received go in, plain bytes come out, and the other way round. The first reads carry the handshake out. Not thread-safe.
/// </summary>
internal sealed unsafe class TlsSession : IDisposable
{
    /// <summary>Records are given to OpenSSL in pieces of that size, so that its buffers stay small.</summary>
    public const int PieceBytes = 16 * 1024;

    private nint _ssl;
    private nint _input;
    private nint _output;
    private bool _saidGoodbye;

    /// <exception cref="CryptographicException">There is no memory for it.</exception>
    public TlsSession(TlsServerContext context)
    {
        OpenSsl.ClearErrors();
        _ssl = OpenSsl.New(context.Handle);
        _input = OpenSsl.BioNew(OpenSsl.MemoryBio());
        _output = OpenSsl.BioNew(OpenSsl.MemoryBio());
        if (_ssl == 0 || _input == 0 || _output == 0)
        {
            _ = OpenSsl.BioFree(_input);
            _ = OpenSsl.BioFree(_output);
            OpenSsl.Free(_ssl);
            _ssl = 0;
            GC.SuppressFinalize(this);
            throw new CryptographicException("OpenSSL could not begin a connection.");
        }

        OpenSsl.SetBio(_ssl, _input, _output);
        OpenSsl.SetAcceptState(_ssl);
    }

    ~TlsSession() => Free();

    /// <summary>The last read filled its room: there may be more without anything being received.</summary>
    public bool HasMore { get; private set; }

    /// <summary>The peer has closed the connection in order; nothing more comes.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The peer broke the protocol, or the handshake failed; nothing more comes, and an alert may be in the output.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Nothing is taken from the peer any more.</summary>
    public void Break() => IsBroken = true;

    /// <summary>Bytes of records that wait to be sent.</summary>
    public int OutputBytes => _ssl == 0 ? 0 : (int)OpenSsl.BioPending(_output);

    /// <summary>Takes bytes that were received.</summary>
    public void Put(ReadOnlySpan<byte> records)
    {
        ObjectDisposedException.ThrowIf(_ssl == 0, this);
        fixed (byte* data = records)
        {
            if (OpenSsl.BioWrite(_input, data, records.Length) != records.Length)
                IsBroken = true;
        }
    }

    /// <summary>Plain bytes of what was received so far.</summary>
    /// <returns>How many; 0 when more must be received first, or never any come (see <see cref="IsEnded"/>, <see cref="IsBroken"/>).</returns>
    public int Read(byte* target, int room)
    {
        ObjectDisposedException.ThrowIf(_ssl == 0, this);
        var total = 0;
        HasMore = false;
        while (total < room && !IsEnded && !IsBroken)
        {
            OpenSsl.ClearErrors();
            var count = OpenSsl.Read(_ssl, target + total, room - total);
            if (count > 0)
            {
                total += count;
                continue;
            }

            switch (OpenSsl.GetError(_ssl, count))
            {
                case OpenSsl.ErrorWantRead or OpenSsl.ErrorWantWrite:
                    return total;
                case OpenSsl.ErrorZeroReturn:
                    IsEnded = true;
                    break;
                default:
                    IsBroken = true;
                    OpenSsl.ClearErrors();
                    break;
            }
        }

        HasMore = total == room && !IsEnded && !IsBroken;
        return total;
    }

    /// <summary>Makes records of plain bytes; they are in the output then.</summary>
    /// <returns>False when the connection takes nothing any more.</returns>
    public bool Write(ReadOnlySpan<byte> plain)
    {
        ObjectDisposedException.ThrowIf(_ssl == 0, this);
        fixed (byte* data = plain)
        {
            for (var at = 0; at < plain.Length;)
            {
                if (IsBroken || _saidGoodbye)
                    return false;
                OpenSsl.ClearErrors();
                var count = OpenSsl.Write(_ssl, data + at, plain.Length - at);
                if (count <= 0)
                {
                    IsBroken = true;
                    OpenSsl.ClearErrors();
                    return false;
                }

                at += count;
            }
        }

        return true;
    }

    /// <summary>Takes records out that are to be sent.</summary>
    public int TakeOutput(byte* target, int room)
    {
        var count = _ssl == 0 || OpenSsl.BioPending(_output) == 0 ? 0 : OpenSsl.BioRead(_output, target, room);
        return Math.Max(count, 0);
    }

    /// <summary>Puts close_notify into the output, once: a peer that sees only the end of the socket takes it for an attack.</summary>
    public void SayGoodbye()
    {
        if (_saidGoodbye || IsBroken || _ssl == 0)
            return;
        _saidGoodbye = true;
        OpenSsl.ClearErrors();
        _ = OpenSsl.Shutdown(_ssl);
        OpenSsl.ClearErrors();
    }

    /// <summary>Whether the handshake agreed on ALPN <c>postgresql</c>.</summary>
    public bool HasAlpn
    {
        get
        {
            byte* name;
            uint length;
            OpenSsl.GetAlpn(_ssl, &name, &length);
            return length > 0;
        }
    }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of the certificate that the peer has shown, and whose key it has proved to hold; empty without one. After the handshake.</summary>
    public ReadOnlyMemory<byte> PeerKeyHash()
    {
        ObjectDisposedException.ThrowIf(_ssl == 0, this);
        var certificate = OpenSsl.GetPeerCertificate(_ssl);
        if (certificate == 0)
            return default;
        try
        {
            var key = OpenSsl.GetPublicKey(certificate);
            var length = OpenSsl.WritePublicKey(key, null);
            if (length <= 0)
                return default;
            var der = new byte[length];
            fixed (byte* first = der)
            {
                var at = first;
                if (OpenSsl.WritePublicKey(key, &at) != length)
                    return default;
            }

            return SHA256.HashData(der);
        }
        finally
        {
            OpenSsl.FreeCertificate(certificate);
            OpenSsl.ClearErrors();
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_ssl != 0)
            OpenSsl.Free(_ssl);
        _ssl = _input = _output = 0;
    }
}
