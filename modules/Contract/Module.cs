namespace OscLooper;

/// <summary>[any] Marks the one class of a DLL that is a module, with its name and one sentence.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ModuleAttribute(string name, string summary) : Attribute
{
    /// <summary>[any] Name: the first part of its addresses.</summary>
    public string Name => name;
    /// <summary>[any] One sentence for people.</summary>
    public string Summary => summary;
    /// <summary>[any] It is loaded only when it is named: it would change the sound just by being there.</summary>
    public bool OnlyWhenNamed { get; init; }
}

/// <summary>[any] A part of the server: declares in its constructor (which takes a <see cref="Branch"/>), allocates in Prepare, hears in Handle, sounds in Process.</summary>
public abstract class Module : IDisposable
{
    /// <summary>[main, frozen] Allocate everything here.</summary>
    public virtual void Prepare(AudioFormat format) { }

    /// <summary>[audio] One event addressed to this module, at the first sample of the next stretch. Must not allocate, lock, throw or wait.</summary>
    public virtual void Handle(in Event e) { }

    /// <summary>[audio] Adds to its outputs. Must not allocate, lock, throw or wait.</summary>
    public virtual void Process(in Block block) { }

    /// <summary>[audio] Asked after Process: true when it would do nothing as long as there is silence at its inputs. It is not called then until a sound,
    /// a note or an event comes, somebody calls <see cref="AudioSide.WakeProcess"/>, or tempo or position change. Phases are computed from frames, so nobody hears of it.</summary>
    public virtual bool IsIdle => false;

    /// <summary>[main, frozen] Gives native memory back.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>[any] A module of many independent parts cuts only the part that an event addresses: it gets the whole block with its events.</summary>
public interface ISelfCutting
{
    /// <summary>[audio] As <see cref="Module.Process"/>; the events lie after the block's first frame, in order, and are this module's to handle:
    /// <see cref="AudioSide.Accept"/> first, then what Handle would do.</summary>
    void Process(in Block block, ReadOnlySpan<Event> events);
}

/// <summary>
/// [any] A module with work behind the scenes: memory to keep ready, takes to write. It is done on a thread of its own when somebody has called
/// <see cref="AudioSide.WakeBackground"/> or when it is due, at most 200 times a second; and between the blocks of a render.
/// </summary>
public interface IBackground
{
    /// <summary>[worker] Does what waits; returns soon.</summary>
    void Work();

    /// <summary>[worker] Asked after each Work: in how many seconds it is due again, though nobody wakes it. Infinity: only when it is woken.</summary>
    double DueSeconds => 1;
}
