namespace OscLooper;

/// <summary>[any] Which threads may call the native functions that a type imports.</summary>
public enum NativeCallers
{
    /// <summary>[any] Any thread at any time: the functions keep nothing of their own.</summary>
    Any,
    /// <summary>[any] Any thread, but only one at a time for each handle: whoever owns the handle sees to that.</summary>
    OnePerHandle,
    /// <summary>[any] One thread at a time for the whole library: its functions are called by the type's nested Session alone, which holds the lock.</summary>
    OneAtATime,
}

/// <summary>
/// [any] Says of a type that imports native functions from which library they are and which threads may call them. A library stands in one
/// type (those of the system, libc and the like, in several). A house test holds the code against it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NativeCallsAttribute(string library, NativeCallers callers) : Attribute
{
    /// <summary>[any] Name of the library in the imports.</summary>
    public string Library => library;
    /// <summary>[any] Which threads may call.</summary>
    public NativeCallers Callers => callers;
}

/// <summary>
/// [any] These native functions may be called on the audio side: they do not wait, allocate or call back. On a type it means all of its imports;
/// on a method that one, or the function pointer that it calls. What is not marked is refused there by a house test.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class AudioSafeAttribute : Attribute;
