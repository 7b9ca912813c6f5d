using System.Buffers;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Net.Epoll;

/// <summary>One socket of a session: what was received and not taken, what could not be sent yet. Both are rare; an idle leg owns no buffer.</summary>
internal sealed class EpollLeg(EpollDriver driver, bool isClient) : EpollHandler
{
    private byte[] _held = [];
    private int _start;
    private int _end;
    private int _sent;

    public bool IsClient => isClient;

    public bool IsConnecting { get; set; }

    /// <summary>Bytes that the session has not taken.</summary>
    public ReadOnlySpan<byte> Held => _held.AsSpan(_start, _end - _start);

    /// <summary>The session looked at <see cref="Held"/> and needs more of it.</summary>
    public bool NeedsMore { get; set; }

    /// <summary>Something can be read, or the end; it is not reported again.</summary>
    public bool IsReady { get; set; }

    /// <summary>The peer has shut its side, or the connection broke: what can still be read is the last.</summary>
    public EpollEvents Ends { get; set; }

    /// <summary>Not read until the other leg has got rid of most of what waits for it.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The loop will come back to it in this round.</summary>
    public bool IsQueued { get; set; }

    /// <summary>What waits to be sent, its first part sent already; null for nothing.</summary>
    public MessageWriter? Unsent { get; private set; }

    public int UnsentBytes => (Unsent is { } unsent ? unsent.Length - _sent : 0) + (Tls?.UnsentBytes ?? 0);

    /// <summary>Null while the leg is not encrypted.</summary>
    public EpollTls? Tls { get; set; }

    public override void OnEvents(EpollEvents events) => driver.OnEvents(this, events);

    public override void Abort() => driver.Abort();

    /// <summary>The loop comes back to it.</summary>
    public void GoOn()
    {
        IsQueued = false;
        driver.GoOn(this);
    }

    /// <summary>Takes over an output of which some bytes were sent.</summary>
    public void BeginUnsent(MessageWriter output, int sent)
    {
        Unsent = output;
        _sent = sent;
    }

    public ReadOnlySpan<byte> UnsentPart => Unsent is { } unsent ? unsent.Written[_sent..] : default;

    /// <summary>So many more were sent.</summary>
    public void OnSent(int count)
    {
        _sent += count;
        if (_sent < Unsent!.Length / 2)
            return;
        // What was sent must not pile up in front of what is still appended.
        Unsent.RemoveFront(_sent);
        _sent = 0;
    }

    /// <summary>Everything was sent, or nothing can be sent any more.</summary>
    public MessageWriter EndUnsent()
    {
        var output = Unsent!;
        Unsent = null;
        _sent = 0;
        return output;
    }

    /// <summary>Room behind <see cref="Held"/> for the next receive, when that must not go through the loop's buffer.</summary>
    public Span<byte> Room()
    {
        if (_start > 0 && _end == _held.Length)
        {
            Held.CopyTo(_held);
            _end -= _start;
            _start = 0;
        }

        if (_end == _held.Length)
            Replace(ArrayPool<byte>.Shared.Rent(checked(2 * _held.Length)));
        return _held.AsSpan(_end);
    }

    public void Received(int count) => _end += count;

    /// <summary>The session took so many of <see cref="Held"/>.</summary>
    public void Take(int count)
    {
        _start += count;
        if (_start == _end)
            Release();
    }

    /// <summary>Keeps bytes that lie in the loop's buffer; they stand in place of <see cref="Held"/>.</summary>
    public void Keep(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            if (_held.Length > 0)
                Release();
            return;
        }

        if (_held.Length < rest.Length)
        {
            Release();
            _held = ArrayPool<byte>.Shared.Rent(rest.Length);
        }

        rest.CopyTo(_held);
        _start = 0;
        _end = rest.Length;
    }

    /// <summary>Forgets what is held. The array is left to the collector: a call that is under way may still read it.</summary>
    public void Forget()
    {
        _held = [];
        _start = _end = 0;
    }

    private void Release()
    {
        if (_held.Length > 0)
            ArrayPool<byte>.Shared.Return(_held);
        Forget();
    }

    private void Replace(byte[] larger)
    {
        var length = _end - _start;
        Held.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_held);
        _held = larger;
        _start = 0;
        _end = length;
    }
}
