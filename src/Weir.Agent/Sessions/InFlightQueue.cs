using System.Diagnostics.CodeAnalysis;

namespace Weir.Agent.Sessions;

/// <summary>A FIFO of <see cref="InFlight"/> entries in one array that grows when a client pipelines. Entries are used in place.</summary>
internal sealed class InFlightQueue
{
    private InFlight[] _entries = new InFlight[4];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Number of the last Sync or Query.</summary>
    public long Run { get; private set; }

    /// <summary>The entry whose answer comes next. There must be one.</summary>
    public ref InFlight Head => ref _entries[_head];

    /// <param name="index">From 0, the head.</param>
    [SuppressMessage("Design", "CA1043:Use Integral Or String Argument For Indexers", Justification = "It is one.")]
    public ref InFlight this[int index] => ref _entries[(_head + index) & (_entries.Length - 1)];

    /// <summary>Appends an empty entry and gives it to be filled.</summary>
    public ref InFlight Add(InFlightKind kind)
    {
        if (Count == _entries.Length)
        {
            var grown = new InFlight[2 * Count];
            for (var i = 0; i < Count; i++)
                grown[i] = this[i];
            _entries = grown;
            _head = 0;
        }

        // Empty already: entries are cleared when they are removed.
        ref var entry = ref this[Count++];
        entry.Kind = kind;
        if (kind is InFlightKind.Sync or InFlightKind.Query)
            entry.Run = ++Run;
        return ref entry;
    }

    public void RemoveHead()
    {
        _entries[_head] = default;
        _head = (_head + 1) & (_entries.Length - 1);
        Count--;
        if (Count == 0 && _entries.Length > 64)
        {
            _entries = new InFlight[4];
            _head = 0;
        }
    }

    /// <summary>Takes out an entry in the middle.</summary>
    public void RemoveAt(int index)
    {
        for (var i = index; i > 0; i--)
            this[i] = this[i - 1];
        RemoveHead();
    }
}
