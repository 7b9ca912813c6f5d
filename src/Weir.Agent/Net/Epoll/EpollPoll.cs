using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Net.Epoll;

/// <summary>
/// One epoll instance and the table of its handlers. An event names the slot of its handler and the slot's generation, so that what was reported for a
/// descriptor that was closed meanwhile reaches nobody.
/// </summary>
internal sealed unsafe class EpollPoll : IDisposable
{
    private const int MaxEvents = 256;
    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly byte* _events = (byte*)NativeMemory.Alloc((nuint)(MaxEvents * 16));
    private readonly int _fd;
    private readonly Stack<int> _free = new();
    private EpollHandler?[] _handlers = new EpollHandler?[16];
    private int[] _generations = new int[16];
    private int _used;

    public EpollPoll()
    {
        _fd = Libc.EpollCreate(Libc.Cloexec);
        if (_fd < 0)
            throw new Win32Exception(Marshal.GetLastSystemError());
    }

    /// <summary>Registers the handler's descriptor.</summary>
    /// <exception cref="Win32Exception">No memory, or too many watches.</exception>
    public void Register(EpollHandler handler, EpollEvents interest)
    {
        var slot = TakeSlot();
        handler.Slot = slot;
        handler.Interest = interest;
        _handlers[slot] = handler;
        if (Control(Add, handler, interest) == 0)
            return;
        var error = Marshal.GetLastSystemError();
        FreeSlot(handler);
        throw new Win32Exception(error);
    }

    /// <summary>Asks for other events.</summary>
    public void Change(EpollHandler handler, EpollEvents interest)
    {
        if (handler.Interest == interest || handler.Slot < 0)
            return;
        handler.Interest = interest;
        Control(Modify, handler, interest);
    }

    /// <summary>Forgets the handler; its descriptor stays open.</summary>
    public void Unregister(EpollHandler handler)
    {
        if (handler.Slot < 0)
            return;
        Control(Remove, handler, EpollEvents.None);
        FreeSlot(handler);
    }

    /// <summary>Closes the handler's descriptor, which ends its registration too.</summary>
    public void Close(EpollHandler handler)
    {
        if (handler.Slot >= 0)
            FreeSlot(handler);
        if (handler.Fd >= 0)
        {
            // Not repeated when interrupted: the descriptor is gone then too (close(2)).
            _ = Libc.Close(handler.Fd);
            handler.Fd = -1;
        }
    }

    /// <summary>Waits for events and lets the handlers have them.</summary>
    /// <param name="timeoutMilliseconds">-1 for no limit.</param>
    public void Wait(int timeoutMilliseconds)
    {
        var count = Libc.EpollWait(_fd, _events, MaxEvents, timeoutMilliseconds);
        for (var i = 0; i < count; i++)
        {
            var reported = new ReadOnlySpan<byte>(_events + (i * EventSize), EventSize);
            var data = BinaryPrimitives.ReadUInt64LittleEndian(reported[DataOffset..]);
            var slot = (int)(uint)data;
            if (_generations[slot] == (int)(data >> 32) && _handlers[slot] is { } handler)
                handler.OnEvents((EpollEvents)BinaryPrimitives.ReadUInt32LittleEndian(reported));
        }
    }

    /// <summary>Every registered handler.</summary>
    public EpollHandler[] Handlers() => [.. _handlers.OfType<EpollHandler>()];

    public void Dispose()
    {
        _ = Libc.Close(_fd);
        NativeMemory.Free(_events);
    }

    private int Control(int operation, EpollHandler handler, EpollEvents interest)
    {
        Span<byte> change = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(change, (uint)interest);
        BinaryPrimitives.WriteUInt64LittleEndian(change[DataOffset..], ((ulong)(uint)_generations[handler.Slot] << 32) | (uint)handler.Slot);
        fixed (byte* pointer = change)
            return Libc.EpollControl(_fd, operation, handler.Fd, pointer);
    }

    private int TakeSlot()
    {
        if (_free.TryPop(out var free))
            return free;
        if (_used == _handlers.Length)
        {
            Array.Resize(ref _handlers, 2 * _used);
            Array.Resize(ref _generations, 2 * _used);
        }

        return _used++;
    }

    private void FreeSlot(EpollHandler handler)
    {
        _generations[handler.Slot]++;
        _handlers[handler.Slot] = null;
        _free.Push(handler.Slot);
        handler.Slot = -1;
    }
}
