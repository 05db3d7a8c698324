namespace OscLooper;

/// <summary>[any] Why something could not be carried out; the whole list (addresses.md section 1).</summary>
public enum Reason
{
    /// <summary>[any] No method under this address.</summary>
    NoSuchAddress,
    /// <summary>[any] An argument is missing, too many, or of a type that the method does not take.</summary>
    WrongType,
    /// <summary>[any] A number, index, count or time outside its range.</summary>
    OutOfRange,
    /// <summary>[any] The value can be asked for, not set.</summary>
    ReadOnly,
    /// <summary>[any] The way to the audio side is full.</summary>
    Busy,
    /// <summary>[any] A file, device, channel or scene that is not there.</summary>
    NotFound,
    /// <summary>[any] The imp is frozen.</summary>
    Frozen,
    /// <summary>[any] Bytes that do not decode.</summary>
    Malformed,
    /// <summary>[any] Understood, but not allowed or not possible now.</summary>
    Refused,
    /// <summary>[any] It was tried and went wrong.</summary>
    Failed,
}

/// <summary>[any] The words of <see cref="Reason"/> on the wire.</summary>
public static class ReasonWords
{
    static readonly string[] Words =
        ["no such address", "wrong type", "out of range", "read only", "busy", "not found", "frozen", "malformed", "refused", "failed"];

    /// <summary>[any] The word that <c>/fail</c> carries.</summary>
    public static string Word(this Reason reason) => Words[(int)reason];
}
