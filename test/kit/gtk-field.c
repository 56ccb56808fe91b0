/*
 * A GTK 3 text field in a window: each line that is typed goes to standard output. GTK is found when it runs: the host that compiles
 * this needs none.
 */
#include <dlfcn.h>
#include <stdio.h>

typedef void *Widget;

static void *gtk;
#define CALL(result, name, ...) ((result(*)(__VA_ARGS__))dlsym(gtk, name))

static void on_return(Widget entry, void *unused) {
  (void)unused;
  printf("%s\n", CALL(const char *, "gtk_entry_get_text", Widget)(entry));
  fflush(stdout);
  CALL(void, "gtk_entry_set_text", Widget, const char *)(entry, "");
}

int main(void) {
  gtk = dlopen("libgtk-3.so.0", RTLD_NOW | RTLD_GLOBAL);
  if (!gtk || !CALL(int, "gtk_init_check", int *, char ***)(NULL, NULL)) return 1;
  Widget window = CALL(Widget, "gtk_window_new", int)(0);
  Widget entry = CALL(Widget, "gtk_entry_new", void)();
  CALL(void, "gtk_window_set_title", Widget, const char *)(window, "gtk-field");
  CALL(unsigned long, "g_signal_connect_data", Widget, const char *, void (*)(Widget, void *), void *, void *, int)
  (entry, "activate", on_return, NULL, NULL, 0);
  CALL(void, "gtk_container_add", Widget, Widget)(window, entry);
  CALL(void, "gtk_widget_show_all", Widget)(window);
  CALL(void, "gtk_main", void)();
}
