namespace OscLooper;

/// <summary>[any] A module that reaches out of the server (a device, a child process, a socket) does so only while it is active.</summary>
public interface ILive
{
    /// <summary>[worker] Takes what it needs; false and why when that is not there yet: it is tried again. Called again while active: must then do nothing.</summary>
    bool Unfreeze(out string reason);

    /// <summary>[worker] Lets go of it.</summary>
    void Freeze();
}

/// <summary>[any] A module with more to remember than its declared values: plain files in a folder of its own, which a person can read.</summary>
public interface IPersist
{
    /// <summary>[any] Version of what Save writes; a later one reads earlier ones.</summary>
    int DataVersion => 1;

    /// <summary>[worker] Writes all into the empty folder. Called while the module sounds.</summary>
    void Save(DirectoryInfo folder);

    /// <summary>[worker] Reads what a Save of that version wrote; an exception means: not taken, nothing changed. Version 0 is an empty folder: all begins anew.</summary>
    void Load(DirectoryInfo folder, int version);
}

/// <summary>[any] A module that brings to the disk what is being recorded while it is: a crash costs less than a second.</summary>
public interface IStreamTakes
{
    /// <summary>[main] From now on it writes into this folder (made when needed; it may hold takes of a server that died); null = nowhere. Told before Load.</summary>
    void StreamTo(DirectoryInfo? folder);
}

/// <summary>[any] A module that hands something to its own successor when its DLL is replaced (pyseq's tokens).</summary>
public interface ICarry
{
    /// <summary>[worker] Asked of the old one; the text reaches the new one.</summary>
    string? BeforeLoad();

    /// <summary>[worker] Told to the new one, and to the old one again when the change did not work.</summary>
    void AfterLoad(string? token);
}
