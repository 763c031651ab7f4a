// Wide-character ncurses. The macro must stand before the include, or cchar_t and its functions are hidden.
#pragma once
#define NCURSES_WIDECHAR 1
#define _XOPEN_SOURCE_EXTENDED 1
#include <locale.h>
#include <ncurses.h>
#include <term.h>
